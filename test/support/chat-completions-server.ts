import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionCreateParams,
  ChatCompletionTokenLogprob,
} from 'openai/resources/chat/completions';

// A real HTTP server that speaks Chat Completions, whole and streamed, and fails on request. Shapes are those of the
// openai package, so that what it is asked and what it answers are held against the SDK's own types.

export interface ServerRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: ChatCompletionCreateParams;
}

export type Scripted =
  | {
      readonly kind: 'answer';
      readonly content: string;
      readonly finish?: ChatCompletion.Choice['finish_reason'];
      readonly refusal?: string;
      readonly logprobs?: ChatCompletionTokenLogprob[];
      readonly usage?: { readonly prompt: number; readonly completion: number } | null;
    }
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly error?: { message?: string; code?: string | null; param?: string | null; type?: string };
    }
  /** Sends so much of the answer's bytes and closes the connection. */
  | { readonly kind: 'cut'; readonly content: string; readonly share: number }
  /** Sends headers and the beginning of a body, then nothing. */
  | { readonly kind: 'hang'; readonly headersToo?: boolean }
  /** Sends bytes without end. */
  | { readonly kind: 'flood' }
  | { readonly kind: 'raw'; readonly body: string; readonly type?: string }
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'slow'; readonly afterMs: number; readonly next: Scripted };

export type Behaviour = (request: ServerRequest, count: number) => Scripted;

export interface ChatCompletionsServer {
  /** With `/v1`. */
  readonly baseUrl: string;
  readonly requests: readonly ServerRequest[];
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

const completion = (body: ChatCompletionCreateParams, answer: Scripted & { kind: 'answer' }): ChatCompletion => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_795_500_000,
  model: body.model,
  choices: [
    {
      index: 0,
      finish_reason: answer.finish ?? 'stop',
      message: { role: 'assistant', content: answer.content, refusal: answer.refusal ?? null },
      logprobs: answer.logprobs === undefined ? null : { content: answer.logprobs, refusal: null },
    },
  ],
  ...(answer.usage === null
    ? {}
    : {
        usage: {
          prompt_tokens: answer.usage?.prompt ?? 1_000,
          completion_tokens: answer.usage?.completion ?? 100,
          total_tokens: (answer.usage?.prompt ?? 1_000) + (answer.usage?.completion ?? 100),
        },
      }),
});

/** The same as chunks: the content in pieces, then the end, then the usage. */
const chunksOf = (whole: ChatCompletion): ChatCompletionChunk[] => {
  const choice = whole.choices[0]!;
  const base = { id: whole.id, object: 'chat.completion.chunk', created: whole.created, model: whole.model } as const;
  const content = choice.message.content ?? '';
  const tokens = choice.logprobs?.content;
  const pieces: ChatCompletionChunk.Choice[] = tokens
    ? tokens.map((token) => ({
        index: 0,
        delta: { content: token.token },
        finish_reason: null,
        logprobs: { content: [token], refusal: null },
      }))
    : (content.match(/[\s\S]{1,40}/g) ?? []).map((text) => ({
        index: 0,
        delta: { content: text },
        finish_reason: null,
      }));
  const refusal = choice.message.refusal;
  return [
    { ...base, choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] },
    ...(refusal ? [{ ...base, choices: [{ index: 0, delta: { refusal }, finish_reason: null }] }] : []),
    ...pieces.map((piece) => ({ ...base, choices: [piece] })),
    { ...base, choices: [{ index: 0, delta: {}, finish_reason: choice.finish_reason }] },
    ...(whole.usage === undefined ? [] : [{ ...base, choices: [], usage: whole.usage }]),
  ];
};

const bytesOf = (
  body: ChatCompletionCreateParams,
  answer: Scripted & { kind: 'answer' },
): { text: string; type: string } => {
  const whole = completion(body, answer);
  if (body.stream !== true) return { text: JSON.stringify(whole), type: 'application/json' };
  const events = chunksOf(whole).map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
  return { text: `${events.join('')}data: [DONE]\n\n`, type: 'text/event-stream' };
};

const play = async (request: ServerRequest, scripted: Scripted, response: ServerResponse): Promise<void> => {
  const { body } = request;
  switch (scripted.kind) {
    case 'answer': {
      const { text, type } = bytesOf(body, scripted);
      response.writeHead(200, { 'content-type': type }).end(text);
      return;
    }
    case 'error': {
      const { message = 'failed', code = null, param = null, type = 'error' } = scripted.error ?? {};
      response.writeHead(scripted.status, { 'content-type': 'application/json', ...scripted.headers });
      response.end(JSON.stringify({ error: { message, code, param, type } }));
      return;
    }
    case 'cut': {
      const { text, type } = bytesOf(body, { kind: 'answer', content: scripted.content });
      response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
      response.write(text.slice(0, Math.floor(text.length * scripted.share)), () => response.destroy());
      return;
    }
    case 'hang':
      if (scripted.headersToo === true) return;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"id":');
      return;
    case 'flood': {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = (): void => {
        while (!response.destroyed && response.write(' '.repeat(65_536)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
      return;
    }
    case 'raw':
      response.writeHead(200, { 'content-type': scripted.type ?? 'application/json' }).end(scripted.body);
      return;
    case 'redirect':
      response.writeHead(307, { location: scripted.to }).end();
      return;
    case 'slow':
      await sleep(scripted.afterMs);
      if (!response.destroyed) await play(request, scripted.next, response);
      return;
  }
};

export const startChatCompletionsServer = async (first: Behaviour): Promise<ChatCompletionsServer> => {
  let behaviour = first;
  const requests: ServerRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      if (incoming.method !== 'POST' || incoming.url !== '/v1/chat/completions') {
        response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"no such route"}}');
        return;
      }
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as ChatCompletionCreateParams;
      const request: ServerRequest = { headers: incoming.headers, body };
      requests.push(request);
      play(request, behaviour(request, requests.length), response).catch(() => response.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    behave: (next) => {
      behaviour = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
