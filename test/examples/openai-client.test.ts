import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { expect, onTestFinished, test } from 'vitest';
import { ToolCallsStopped, type WatchOptions, watched } from '../../examples/openai-client.ts';
import { normalise } from '../../src/normalise/normalise.ts';

const listening = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const answering = (body: object, status = 200, seen: unknown[] = []): RequestListener => {
  return async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    seen.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
};

const completion = (message: object) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, finish_reason: 'stop', logprobs: null, message: { role: 'assistant', ...message } }],
});
const TALK = completion({ content: 'Done.', reasoning_content: 'Both tests pass.' });
const CALL = { id: 'c', type: 'function', function: { name: 'bash', arguments: '{"command":"ls"}' } };
const ACT = completion({ content: null, reasoning_content: 'I look first.', tool_calls: [CALL] });

const REQUEST = { model: 'm', messages: [{ role: 'user', content: 'Go on.' }] } as const;

const watching = async (upstream: object, monitorUrl: string, options: Partial<WatchOptions> = {}) => {
  const client = new OpenAI({ baseURL: await listening(answering(upstream)), apiKey: 'k', maxRetries: 0 });
  const create = watched(client, { monitorUrl, ...options }).create;
  return () => create({ model: REQUEST.model, messages: [...REQUEST.messages] });
};

test('an exchange reaches the monitor as it was, request beside response', async () => {
  const seen: { request: unknown; response: unknown }[] = [];
  const monitor = await listening(answering({ decision: 'clear' }, 200, seen as unknown[]));
  const ask = await watching(ACT, monitor);
  expect((await ask()).choices[0]?.message.tool_calls).toHaveLength(1);
  expect(seen).toEqual([{ request: REQUEST, response: ACT }]);
});

test('tool calls are held back where the verdict says stop', async () => {
  const monitor = await listening(answering({ decision: 'alert', traceId: 't', risk: 0.9 }));
  const ask = await watching(ACT, monitor);
  await expect(ask()).rejects.toMatchObject({ name: 'ToolCallsStopped', verdict: { decision: 'alert' } });
});

test('without a verdict tool calls are held back, unless the caller chose otherwise', async () => {
  const monitor = await listening(answering({ code: 'store_unavailable' }, 503));
  await expect((await watching(ACT, monitor))()).rejects.toBeInstanceOf(ToolCallsStopped);
  const lost: unknown[] = [];
  const ask = await watching(ACT, monitor, { withoutVerdict: 'go on', onLost: (error) => lost.push(error) });
  expect((await ask()).id).toBe('chatcmpl-1');
  expect(lost).toHaveLength(1);
});

test('an answer without tool calls waits for nobody, and a lost post is told', async () => {
  const lost = Promise.withResolvers<unknown>();
  const ask = await watching(TALK, 'http://127.0.0.1:9', { onLost: lost.resolve });
  expect((await ask()).choices[0]?.message.content).toBe('Done.');
  expect(await lost.promise).toBeInstanceOf(Error);
});

test('what the wrapper posts is read whole: prompt, reasoning and tool call', () => {
  const { segments } = normalise({ payload: { request: REQUEST, response: ACT }, tenant: 'default' }, new Date(0));
  expect(segments.map(({ kind }) => kind)).toEqual(['user', 'reasoning', 'tool_call']);
});
