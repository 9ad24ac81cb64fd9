import type { Readable } from 'node:stream';
import { CodedError } from '../../domain/errors.ts';
import { parseJsonBytes } from '../../domain/json-bytes.ts';
import type { SegmentKind } from '../../domain/trace.ts';
import type { Live, LiveTrace, Submission } from '../../pipeline.ts';
import { readLines } from '../lines.ts';
import { createDeltas } from './deltas.ts';
import { tellThinking } from './thinking.ts';

// One live stream, read: our own deltas or a provider's events, looked at as they come and kept for the verdict.

export interface SessionDeps {
  readonly source: Readable;
  readonly live: Live;
  readonly trace: LiveTrace;
  /** Most bytes of the stream. */
  readonly maxBytes: number;
  /** Whether so many bytes more may be held; counts them if so. */
  readonly reserve: (bytes: number) => boolean;
  /** Told of whatever came. */
  readonly onProgress: () => void;
  /** Told of a line that could not be read. */
  readonly onProblem: (error: unknown, line: number) => void;
}

export interface Session {
  /** Resolves when the sender ended the stream; rejects with a CodedError where it cannot go on. */
  read(): Promise<void>;
  /** What to submit of what came. `cut`: it was not the whole. */
  finish(cut: boolean): Omit<Submission, 'tenant'>;
}

const createCount = (deps: SessionDeps) => {
  let size = 0;
  return (bytes: number): void => {
    size += bytes;
    deps.onProgress();
    if (size > deps.maxBytes) throw new CodedError('body_too_large', 'The stream is longer than MAX_BODY_BYTES.');
    if (!deps.reserve(bytes)) {
      throw new CodedError('overloaded', 'The streams together hold too much.', { retryAfter: 5 });
    }
  };
};

/** Text waits for the detectors to have room, so that a stream cannot run ahead of them. */
const createTake = (trace: LiveTrace) => {
  let room: Promise<void> = Promise.resolve();
  return {
    take: (key: string, kind: SegmentKind, text: string): void => {
      room = trace.take(key, kind, text);
    },
    room: () => room,
  };
};

export const createDeltaSession = (deps: SessionDeps): Session => {
  const { take, room } = createTake(deps.trace);
  const deltas = createDeltas(take);
  const count = createCount(deps);

  const push = (bytes: Buffer | null): void => {
    let line: unknown;
    try {
      if (bytes === null) throw new CodedError('body_too_large', 'The line is too long.');
      line = parseJsonBytes(bytes);
    } catch (error) {
      deltas.lose();
      throw error;
    }
    deltas.push(line);
  };

  return {
    read: async () => {
      for await (const { number, bytes } of readLines(deps.source, deps.maxBytes)) {
        count(bytes?.length ?? deps.maxBytes);
        try {
          push(bytes);
        } catch (error) {
          deps.onProblem(error, number);
        }
        await room();
      }
    },
    finish: (cut) => deltas.finish(cut),
  };
};

export const createEventSession = (deps: SessionDeps): Session => {
  const { take, room } = createTake(deps.trace);
  const events = deps.live.events(tellThinking(take), deps.maxBytes);
  const count = createCount(deps);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (chunk?: Buffer): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (cause) {
      throw new CodedError('invalid_encoding', 'The stream is not valid UTF-8.', { cause });
    }
  };
  return {
    read: async () => {
      for await (const chunk of deps.source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        count(chunk.length);
        events.feed(decode(chunk));
        await room();
      }
      decode();
    },
    // A provider's stream has its own mark of the end: where that is missing it was cut, whatever the sender thinks.
    finish: () => events.finish(),
  };
};
