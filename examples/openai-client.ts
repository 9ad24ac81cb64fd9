import type OpenAI from 'openai';
import type { ChatCompletion, ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';

// Watches a client of the `openai` SDK: each exchange goes to the monitor, request beside response, as it is. Where the
// answer holds tool calls, it is handed on only once the verdict is there, and not at all where the verdict says stop; an
// answer without tool calls is posted in the background and delays nothing.

export interface WatchOptions {
  /** Where cot-monitor answers, such as http://127.0.0.1:8080. */
  readonly monitorUrl: string;
  readonly monitorKey?: string;
  /** Decisions at which tool calls are not handed on. */
  readonly stopAt?: readonly string[];
  /** Milliseconds to wait for a verdict before tool calls. */
  readonly timeoutMs?: number;
  /** What happens where there is no verdict in time, or none can be had: `stop` or `go on`. */
  readonly withoutVerdict?: 'stop' | 'go on';
  /** Told of failures to post in the background: coverage was lost. */
  readonly onLost?: (error: unknown) => void;
}

/** Tool calls were not handed on. `verdict` is null where none could be had. */
export class ToolCallsStopped extends Error {
  readonly verdict: Verdict | null;

  constructor(verdict: Verdict | null) {
    super(verdict === null ? 'No verdict could be had on these tool calls.' : `The monitor says: ${verdict.decision}.`);
    this.name = 'ToolCallsStopped';
    this.verdict = verdict;
  }
}

export interface Verdict {
  readonly traceId: string;
  readonly decision: string;
  readonly risk: number;
}

/** Wraps `client.chat.completions.create` (not streamed) and leaves everything else of the client as it is. */
export const watched = (client: OpenAI, options: WatchOptions) => {
  const { monitorUrl, monitorKey, stopAt = ['alert'], timeoutMs = 5_000, withoutVerdict = 'stop' } = options;

  const post = async (request: unknown, response: ChatCompletion): Promise<Verdict> => {
    const answer = await fetch(new URL('/v1/monitor', monitorUrl), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(monitorKey === undefined ? {} : { authorization: `Bearer ${monitorKey}` }),
      },
      body: JSON.stringify({ request, response }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!answer.ok) throw new Error(`The monitor answered ${answer.status}.`);
    return (await answer.json()) as Verdict;
  };

  const create = async (request: ChatCompletionCreateParamsNonStreaming): Promise<ChatCompletion> => {
    const response = await client.chat.completions.create(request);
    const acts = response.choices.some(({ message }) => (message.tool_calls?.length ?? 0) > 0);
    if (!acts) {
      post(request, response).catch((error) => options.onLost?.(error));
      return response;
    }
    const verdict = await post(request, response).catch((error) => {
      options.onLost?.(error);
      return null;
    });
    const stop = verdict === null ? withoutVerdict === 'stop' : stopAt.includes(verdict.decision);
    if (stop) throw new ToolCallsStopped(verdict);
    return response;
  };

  return { create };
};
