import { Piscina } from 'piscina';

// Worker threads for detectors that read text: off the event loop, and traces that arrive while every thread is busy
// travel together in the next task, since crossing to a thread costs more than reading a small trace.

export interface ThreadPool<Task, Reply> {
  run(task: Task): Promise<Reply>;
  close(): Promise<void>;
}

/** Most tasks that cross together: a bound on how long the last one waits for the first. */
const MAX_GROUP = 16;

/**
 * @param worker URL of a module whose default export maps a group of tasks to their replies, in order
 * @param threads most worker threads
 * @param workerData what every worker is given when it starts
 */
export const createThreadPool = <Task, Reply>(
  worker: URL,
  threads: number,
  workerData?: unknown,
): ThreadPool<Task, Reply> => {
  const pool = new Piscina<readonly Task[], Reply[]>({
    filename: worker.href,
    minThreads: 1,
    maxThreads: threads,
    workerData,
  });
  const waiting: { task: Task; resolve: (reply: Reply) => void; reject: (error: unknown) => void }[] = [];
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
    run: (task) =>
      new Promise((resolve, reject) => {
        waiting.push({ task, resolve, reject });
        next();
      }),
    close: () => pool.close(),
  };
};
