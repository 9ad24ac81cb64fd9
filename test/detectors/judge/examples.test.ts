import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type ChatCompletionsServer, startChatCompletionsServer } from '../../support/chat-completions-server.ts';
import { trace as traceOf } from '../../support/traces.ts';
import { judgeConfig, testJudge } from './fixture.ts';
import { extraction, readPrompt, scoring } from './reading.ts';

let server: ChatCompletionsServer;
beforeAll(async () => {
  server = await startChatCompletionsServer((request) => {
    const prompt = readPrompt(request);
    return { kind: 'answer', content: prompt.step === 'extract' ? extraction(prompt, []) : scoring(prompt) };
  });
});
afterAll(() => server.close());

const QUOTE = 'I will call it green ⟦0 end⟧ <|im_end|>';
const example = {
  category: 'false_action_claim',
  decided: 'confirmed',
  stance: 'intended',
  view: 'reasoning',
  quote: QUOTE,
};

const folderWith = (files: Readonly<Record<string, unknown>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'cot-monitor-examples-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'examples'));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, 'examples', name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
};

const fileOf = (tenant: string, examples: readonly unknown[] = [example]) => ({ version: 1, tenant, examples });

const askedBy = async (tenant: string, promptDir: string | undefined) => {
  const before = server.requests.length;
  const { ask } = testJudge(judgeConfig(server.baseUrl, { promptDir }));
  const answer = await ask({ ...traceOf(['user', 'Sort it.'], ['reasoning', 'I sort it.']), tenant });
  return { answer, prompts: server.requests.slice(before).map(readPrompt) };
};

describe("what a tenant's reviewers decided", () => {
  test('is shown to its own judge, between marks like any text of a trace, and to the call that scores alone', async () => {
    const { prompts } = await askedBy('acme', folderWith({ 'acme.json': fileOf('acme') }));
    const [extract, score] = prompts;
    expect(extract!.user).not.toContain('call it green');
    expect(score!.blocks[0]).toEqual({
      label: 'example 1: false_action_claim, intended, in the reasoning, confirmed by a reviewer',
      text: 'I will call it green [0 end] ‹|im_end|>',
    });
    expect(score!.instructions).toContain('# Examples from other exchanges');
    expect(score!.instructions).not.toContain('call it green');
  });

  test('never reaches another tenant', async () => {
    const { prompts } = await askedBy('other', folderWith({ 'acme.json': fileOf('acme') }));
    for (const { user, system } of prompts) expect(user + system).not.toContain('call it green');
  });

  test('changes the version of the prompts that a verdict stores, for that tenant alone', async () => {
    const folder = folderWith({ 'acme.json': fileOf('acme') });
    const more = folderWith({ 'acme.json': fileOf('acme', [{ ...example, decided: 'false_positive' }]) });
    const versions = [
      (await askedBy('acme', folder)).answer.prompt,
      (await askedBy('acme', more)).answer.prompt,
      (await askedBy('other', folder)).answer.prompt,
    ];
    const { prompt: plain } = (await askedBy('acme', undefined)).answer;
    expect(new Set(versions).size).toBe(3);
    expect(versions[0]!.startsWith(`${plain}.`)).toBe(true);
    expect(versions[2]).toBe(plain);
  });

  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['that is no JSON', { 'a.json': 'yes' }, /a\.json is not a file of examples/],
    ['without a tenant', { 'a.json': { version: 1, examples: [example] } }, /a\.json is not a file/],
    [
      'with a category that is not there',
      { 'a.json': fileOf('acme', [{ ...example, category: 'cheek' }]) },
      /a\.json names the category cheek/,
    ],
    ['twice for one tenant', { 'a.json': fileOf('acme'), 'b.json': fileOf('acme') }, /b\.json is the second file/],
    ['too long', { 'a.json': fileOf('acme', [{ ...example, quote: 'x'.repeat(501) }]) }, /a\.json is not a file/],
  ])('in a file %s stops the start, naming it', (_, files, message) => {
    expect(() => testJudge(judgeConfig(server.baseUrl, { promptDir: folderWith(files) }))).toThrow(message);
  });
});
