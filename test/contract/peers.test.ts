import { afterAll, describe, expect, test, vi } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { CodedError } from '../../src/domain/errors.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { createEngine } from '../../src/engine.ts';
import { createLogger } from '../../src/observe/log.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import type { Preview } from '../../src/pipeline.ts';
import { createReleasers } from '../../src/releasers.ts';
import { longText, SEALED } from '../normalise/fixture.ts';
import { anthropicEvents, chatEvents, every, sse } from '../normalise/stream/events.ts';
import { ALERTING } from '../support/sample-traces.ts';

// What users of other monitors have complained of, as promises, in the order in which the complaints were gathered. Each
// was reasoning that nobody looked at while the record said that all was well. The shipped rules and policy decide here.

const releasers = createReleasers();
const deps = {
  metrics: createMetrics({ processMetrics: false }),
  log: createLogger('silent'),
  clock: () => new Date('2026-06-01T00:00:00Z'),
};
const engineOf = (env: Readonly<Record<string, string>>) =>
  createEngine({ config: loadConfig({ DETECTORS: 'heuristics', WORKER_THREADS: '1', ...env }), ...deps }, releasers);
const { assessor, live } = await engineOf({ DETECT_DEADLINE_MS: '60000' });
const hurried = (await engineOf({ DETECT_DEADLINE_MS: '10' })).assessor;
afterAll(() => releasers.release());

const verdictOn = async (payload: unknown, format?: string): Promise<Verdict> =>
  (await assessor.assess({ payload, tenant: 'default', format })).verdict;

/** Where the evidence of the alert stands; empty where there was no alert. */
const alertedAt = async (payload: unknown): Promise<readonly string[]> => {
  const { decision, findings } = await verdictOn(payload);
  const places = findings.flatMap(({ evidence }) => evidence.map(({ sourcePath }) => sourcePath));
  return decision === 'alert' ? [...new Set(places)].sort() : [];
};

const chat = (...messages: readonly object[]) => ({
  choices: messages.map((message) => ({ message: { role: 'assistant', content: 'Done.', ...message } })),
});
const anthropic = (...content: readonly object[]) => ({ type: 'message', role: 'assistant', content });
const thinking = (text: string) => ({ type: 'thinking', thinking: text, signature: SEALED });

const streamed = async (payload: string): Promise<Verdict> =>
  (await assessor.assess({ payload, media: 'event-stream', tenant: 'default' })).verdict;

describe('complaints of peers’ users', () => {
  test('1: a streamed /v1/messages is assessed like one that came whole, and one that broke off never reads as success', async () => {
    const answer = { type: 'text', text: 'Done.' } as const;
    const events = anthropicEvents([{ type: 'thinking', text: ALERTING }, answer], every(7));
    const { decision, assessment, findings } = await streamed(sse(events));
    expect({ decision, state: assessment.state }).toEqual({ decision: 'alert', state: 'assessed' });
    expect(findings[0]?.evidence[0]?.sourcePath).toBe('/content/0/thinking');
    const quiet = anthropicEvents([{ type: 'thinking', text: 'Sum the rows.' }, answer], every(7));
    const cut = await streamed(sse(quiet.slice(0, 4)));
    expect(cut.decision).toBe('unknown');
    expect(cut.assessment).toMatchObject({ state: 'partial', reasons: ['truncated'] });
    await expect(streamed('')).rejects.toBeInstanceOf(CodedError);
  });

  test('2: a check that did not run to its end is in the verdict, and never reads as success', async () => {
    const endless = 'The next row is the sum of the two before it, and so on. '.repeat(200_000);
    const { verdict } = await hurried.assess({ payload: { reasoning: endless, output: 'Done.' }, tenant: 'default' });
    expect(verdict.assessment).toMatchObject({ state: 'not_assessed', reasons: ['timeout'] });
    expect(verdict.decision).toBe('unknown');
  });

  test('3: with stream:true the alert is there before the stream has ended', async () => {
    const previews: (Preview | null)[] = [];
    const trace = live.open('default', (preview) => previews.push(preview));
    const taken: Promise<void>[] = [];
    const reader = live.events((key, kind, text) => void taken.push(trace.take(key, kind, text)), 1_000_000);
    const reasoning = `${ALERTING} Then I go on with the next invoice, and with the one after it.`;
    const events = chatEvents([{ reasoning, content: 'Done.', finish: null }], every(5));
    reader.feed(sse(events.slice(0, -1)));
    await Promise.all(taken);
    await vi.waitFor(() => expect(previews.at(-1)?.decision).toBe('alert'), { timeout: 100_000 });
    trace.close();
  }, 120_000);

  test('4: every choice is assessed, not only the first', async () => {
    const quiet = { reasoning_content: 'Sum the rows.' };
    expect(await alertedAt(chat(quiet, quiet, { reasoning_content: ALERTING }))).toEqual([
      '/choices/2/message/reasoning_content',
    ]);
  });

  test('5: reasoning that is attached beside the output is assessed with it', async () => {
    const reasoning_details = [{ type: 'reasoning.text', text: ALERTING }];
    expect(await alertedAt(chat({ provider_specific_fields: { reasoning_details } }))).toEqual([
      '/choices/0/message/provider_specific_fields/reasoning_details/0/text',
    ]);
  });

  test('6: reasoning is assessed also where it comes first and nothing follows', async () => {
    expect(await alertedAt(chat({ content: null, reasoning_content: ALERTING }))).not.toEqual([]);
    expect(await alertedAt(chat({ content: `<think>${ALERTING}` }))).toEqual(['/choices/0/message/content']);
  });

  test('7: no thinking block is dropped, whichever calls it stands between', async () => {
    const call = { type: 'tool_use', id: 't', name: 'sum', input: {} };
    const payload = anthropic(thinking('Sum the rows.'), call, thinking(ALERTING), call);
    expect(await alertedAt(payload)).toEqual(['/content/2/thinking']);
  });

  test('8: reasoning that was recorded in the history of a conversation is assessed again', async () => {
    const request = { messages: [{ role: 'assistant', content: 'Done.', reasoning: ALERTING }] };
    expect(await alertedAt({ request, response: chat({}) })).toEqual(['/request/messages/0/reasoning']);
  });

  test('9: a renamed field is read under its old and its new name, and the next rename is reported', async () => {
    for (const key of ['reasoning_content', 'reasoning', 'thinking']) {
      expect(await alertedAt(chat({ [key]: ALERTING }))).toEqual([`/choices/0/message/${key}`]);
    }
    const renamed = await verdictOn(chat({ reasoning_v3: longText(ALERTING) }));
    expect(renamed.unread.map(({ path }) => path)).toEqual(['/choices/0/message/reasoning_v3']);
    expect(renamed).toMatchObject({ decision: 'unknown', assessment: { state: 'not_assessed' } });
  });

  test('9: an answer that landed in the reasoning field is assessed all the same', async () => {
    expect(await alertedAt(chat({ content: '', reasoning_content: `</think>${ALERTING}` }))).not.toEqual([]);
    expect(await alertedAt(chat({ content: `${ALERTING}</think>Done.` }))).not.toEqual([]);
  });

  test('10: a thinking block of a signature alone is reasoning that was withheld: not absent in silence, never clear', async () => {
    const verdict = await verdictOn(anthropic(thinking(''), { type: 'text', text: 'Done.' }));
    expect(verdict.assessment).toEqual({ state: 'not_assessed', reasons: ['reasoning_absent'] });
    expect(verdict.decision).toBe('unknown');
    const mixed = await verdictOn(anthropic(thinking('Sum the rows.'), thinking(''), { type: 'text', text: 'Done.' }));
    expect(mixed.assessment).toEqual({ state: 'partial', reasons: ['reasoning_absent'] });
  });
});

describe('what cannot be vouched for is never clear', () => {
  test.each<[string, object, string]>([
    ['no reasoning at all', chat({}), 'reasoning_absent'],
    ['ciphertext', anthropic({ type: 'redacted_thinking', data: SEALED }), 'reasoning_encrypted'],
    ['reasoning billed and not sent', { ...chat({}), usage: { reasoning_tokens: 700 } }, 'reasoning_absent'],
    [
      'ciphertext of billed reasoning',
      {
        object: 'response',
        output: [{ type: 'reasoning', summary: [], encrypted_content: SEALED }],
        usage: { output_tokens_details: { reasoning_tokens: 700 } },
      },
      'reasoning_encrypted',
    ],
  ])('%s', async (_, payload, reason) => {
    const { decision, assessment } = await verdictOn(payload);
    expect({ decision, ...assessment }).toEqual({ decision: 'unknown', state: 'not_assessed', reasons: [reason] });
  });

  test('a payload of another format than the declared one is refused, naming both', async () => {
    await expect(verdictOn(chat({}), 'gemini')).rejects.toSatisfy(
      (error) => error instanceof CodedError && /gemini.*openai\.chat/.test(error.message) && error.status === 422,
    );
  });
});
