import { extname } from 'node:path';
import { Piscina } from 'piscina';
import type { RuleFiles } from './load.ts';
import type { ScanReply, ScanTask } from './worker.ts';

// Scans run in worker threads, off the event loop. Traces that arrive while all threads are busy travel together in the
// next task: crossing to a thread costs more than scanning a small trace.

export interface ScanPool {
  scan(task: ScanTask): Promise<ScanReply>;
  close(): Promise<void>;
}

interface Waiting {
  readonly task: ScanTask;
  readonly resolve: (reply: ScanReply) => void;
  readonly reject: (error: unknown) => void;
}

/** Most traces in one task: a bound on how long the last one waits for the first. */
const MAX_GROUP = 16;

export const createScanPool = (files: RuleFiles, threads: number): ScanPool => {
  const pool = new Piscina<readonly ScanTask[], ScanReply[]>({
    filename: new URL(`./worker${extname(import.meta.filename)}`, import.meta.url).href,
    workerData: { files },
    minThreads: threads,
    maxThreads: threads,
  });
  const waiting: Waiting[] = [];
  let running = 0;

  const next = (): void => {
    if (running >= threads || waiting.length === 0) return;
    const group = waiting.splice(0, MAX_GROUP);
    running++;
    pool
      .run(group.map((w) => w.task))
      .then(
        (replies) => {
          for (const [i, w] of group.entries()) w.resolve(replies[i]!);
        },
        (error: unknown) => {
          for (const w of group) w.reject(error);
        },
      )
      .finally(() => {
        running--;
        next();
      });
  };

  return {
    scan: (task) =>
      new Promise((resolve, reject) => {
        waiting.push({ task, resolve, reject });
        next();
      }),
    close: () => pool.close(),
  };
};
