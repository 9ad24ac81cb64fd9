import { CodedError } from '../domain/errors.ts';
import type { Line } from './lines.ts';

// Many lines through the pipeline at once, and their answers out in the order in which the lines came. Lines are read as
// answers are taken: a client that stops reading is not read from either, so that what is held stays bounded.

export interface BatchDeps {
  readonly lines: AsyncGenerator<Line, void, undefined>;
  /** Answers one line; never rejects. */
  readonly answer: (line: Line) => Promise<string>;
  /** What to say where the batch ends before its time; `line` is the one after the last that was read. */
  readonly farewell: (error: CodedError, line: number) => string;
  /** Lines in hand at once. */
  readonly window: number;
  /** Bytes of lines in hand at once; one line may be longer. */
  readonly windowBytes: number;
  /** Longest time the client may neither send nor read, in milliseconds. */
  readonly idleMs: number;
  /** Aborts when the client is gone. */
  readonly gone: AbortSignal;
  /** Aborts when no further lines are to be read. */
  readonly stop: AbortSignal;
  /** Called where the client does not take what is there for it. */
  readonly hangUp: () => void;
}

interface InHand {
  readonly bytes: number;
  text?: string;
}

/** Wakes whoever waits; a call while nobody waits is not lost. */
const createBell = (): { ring(): void; rung(): Promise<void> } => {
  let pending = Promise.withResolvers<void>();
  return {
    ring: () => pending.resolve(),
    rung: async () => {
      await pending.promise;
      pending = Promise.withResolvers<void>();
    },
  };
};

/** Answers of a batch, several lines at a time, in order; each is complete with its line break. */
export async function* runBatch(deps: BatchDeps): AsyncGenerator<string, void, undefined> {
  const inHand: InHand[] = [];
  const bell = createBell();
  let bytes = 0;
  let next = 1;
  let reading = false;
  let ended = false;
  let early: CodedError | undefined;
  /** Since when the client has kept us waiting, and for what. */
  let waiting: { readonly since: number; readonly forReader: boolean } | undefined;

  const end = (error?: unknown): void => {
    reading = false;
    ended = true;
    if (error instanceof CodedError) early ??= error;
    bell.ring();
  };
  const take = (line: Line): void => {
    reading = false;
    next = line.number + 1;
    const entry: InHand = { bytes: line.bytes?.length ?? 0 };
    inHand.push(entry);
    bytes += entry.bytes;
    deps.answer(line).then((text) => {
      entry.text = text;
      bell.ring();
    });
    bell.ring();
  };
  const read = (): void => {
    reading = true;
    deps.lines.next().then((result) => (result.done === true ? end() : take(result.value)), end);
  };

  const onStop = (): void => end(new CodedError('shutting_down', 'This replica is shutting down.'));
  const onGone = (): void => end();
  deps.stop.addEventListener('abort', onStop, { once: true });
  deps.gone.addEventListener('abort', onGone, { once: true });
  const watch = setInterval(
    () => {
      if (waiting === undefined || Date.now() - waiting.since < deps.idleMs) return;
      if (waiting.forReader) deps.hangUp();
      else end(new CodedError('request_timeout', 'Nothing came for too long.'));
    },
    Math.max(10, deps.idleMs / 4),
  );
  watch.unref();

  try {
    if (deps.stop.aborted) onStop();
    while (!deps.gone.aborted) {
      let out = '';
      while (inHand[0]?.text !== undefined) {
        const done = inHand.shift()!;
        bytes -= done.bytes;
        out += `${done.text}\n`;
      }
      if (out !== '') {
        waiting = { since: Date.now(), forReader: true };
        yield out;
        waiting = undefined;
        continue;
      }
      if (ended && inHand.length === 0) break;
      if (!ended && !reading && inHand.length < deps.window && bytes < deps.windowBytes) read();
      if (inHand.length === 0) waiting ??= { since: Date.now(), forReader: false };
      await bell.rung();
      waiting = undefined;
    }
    if (early !== undefined && !deps.gone.aborted) yield `${deps.farewell(early, next)}\n`;
  } finally {
    clearInterval(watch);
    deps.stop.removeEventListener('abort', onStop);
    deps.gone.removeEventListener('abort', onGone);
  }
}
