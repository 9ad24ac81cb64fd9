// Commits low-water marks: at most one request under way, at most one per interval, and only what changed. A mark that could
// not be committed is simply tried again with whatever it has become; a crash before that costs redeliveries, never records.

export interface CommitterDeps {
  readonly marks: () => ReadonlyMap<number, bigint>;
  readonly commit: (marks: ReadonlyMap<number, bigint>) => Promise<void>;
  readonly intervalMs: number;
  readonly onCommitted: () => void;
  readonly onFailed: (error: unknown) => void;
}

export interface Committer {
  /** A mark may have moved. */
  touch(): void;
  /** Commits now what there is to commit; never rejects. */
  flush(): Promise<void>;
  /** The group was rebalanced: what was committed before says nothing about what stands now. */
  forget(): void;
  /** Nothing is committed any more by itself; `flush` still works. */
  stop(): void;
}

export const createCommitter = (deps: CommitterDeps): Committer => {
  let committed = new Map<number, bigint>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;

  const changed = (): Map<number, bigint> =>
    new Map([...deps.marks()].filter(([partition, mark]) => committed.get(partition) !== mark));

  const commit = async (): Promise<void> => {
    const marks = changed();
    if (marks.size === 0) return;
    const book = committed;
    try {
      await deps.commit(marks);
      for (const [partition, mark] of marks) book.set(partition, mark);
      deps.onCommitted();
    } catch (error) {
      deps.onFailed(error);
      schedule();
    }
  };

  const schedule = (): void => {
    if (stopped) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      void flush();
    }, deps.intervalMs);
  };

  const flush = (): Promise<void> => {
    const next = (running ?? Promise.resolve()).then(commit).finally(() => {
      if (running === next) running = undefined;
    });
    running = next;
    return next;
  };

  return {
    touch: schedule,
    flush,
    forget: () => {
      committed = new Map();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      timer = undefined;
    },
  };
};
