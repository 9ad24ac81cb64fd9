import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { RuleFiles } from '../load.ts';
import type { LiveReply, LiveTask, LiveText, StreamHit } from './worker.ts';

// Streams are spread over a few threads that live as long as the service, since each keeps its streams' state. Deltas that
// come while a thread is busy with the stream travel together in its next message.

export interface LiveFeed {
  /** Takes text; resolves when there is room for more. */
  feed(text: LiveText): Promise<void>;
  close(): void;
}

export interface LiveThreads {
  /** @param onHits told of all hits of the stream whenever they may have changed; null where its thread has died */
  open(onHits: (hits: readonly StreamHit[] | null) => void): LiveFeed;
  close(): Promise<void>;
}

/** Text of one stream that may wait for its thread, in UTF-16 units. */
const MAX_WAITING = 262_144;

interface Thread {
  readonly worker: Worker;
  streams: number;
  dead: boolean;
}

interface Open {
  onReply(hits: readonly StreamHit[] | null): void;
  onDeath(): void;
  readonly thread: Thread;
}

/** Threads start with the first streams. */
export const createLiveThreads = (files: RuleFiles, most: number): LiveThreads => {
  const url = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url);
  const threads: Thread[] = [];
  const streams = new Map<number, Open>();
  let next = 0;

  const start = (): Thread => {
    const thread: Thread = { worker: new Worker(url, { workerData: { files } }), streams: 0, dead: false };
    thread.worker.on('message', ({ stream, hits }: LiveReply) => streams.get(stream)?.onReply(hits));
    const bury = (): void => {
      if (thread.dead) return;
      thread.dead = true;
      threads.splice(threads.indexOf(thread), 1);
      for (const open of [...streams.values()]) if (open.thread === thread) open.onDeath();
    };
    thread.worker.on('error', bury).on('exit', bury);
    threads.push(thread);
    return thread;
  };

  const pick = (): Thread => {
    const idlest = threads.reduce<Thread | undefined>(
      (a, b) => (a === undefined || b.streams < a.streams ? b : a),
      undefined,
    );
    return idlest === undefined || (idlest.streams > 0 && threads.length < most) ? start() : idlest;
  };

  return {
    open: (onHits) => {
      const id = next++;
      const thread = pick();
      thread.streams++;
      let waiting: LiveText[] = [];
      let size = 0;
      let busy = false;
      let room: PromiseWithResolvers<void> | undefined;
      const close = (): void => {
        if (!streams.delete(id)) return;
        thread.streams--;
        if (!thread.dead) thread.worker.postMessage({ stream: id, texts: null } satisfies LiveTask);
        room?.resolve();
      };
      const send = (): void => {
        if (busy || waiting.length === 0 || thread.dead) return;
        busy = true;
        thread.worker.postMessage({ stream: id, texts: waiting } satisfies LiveTask);
        waiting = [];
        size = 0;
        room?.resolve();
        room = undefined;
      };
      streams.set(id, {
        thread,
        onReply: (hits) => {
          busy = false;
          if (hits !== null) onHits(hits);
          send();
        },
        onDeath: () => {
          close();
          onHits(null);
        },
      });
      return {
        feed: (text) => {
          if (!streams.has(id)) return Promise.resolve();
          const last = waiting.at(-1);
          if (last !== undefined && last.key === text.key)
            waiting[waiting.length - 1] = { ...last, text: last.text + text.text };
          else waiting.push(text);
          size += text.text.length;
          send();
          if (size < MAX_WAITING) return Promise.resolve();
          room ??= Promise.withResolvers();
          return room.promise;
        },
        close,
      };
    },
    close: async () => {
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
};
