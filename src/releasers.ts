// What was opened is closed in reverse order, also when the start fails halfway. One part that will not close does not
// keep the others open.

export interface Releasers {
  /** Registers how to give back what was just opened. */
  add(name: string, release: () => Promise<void> | void): void;
  /** Runs all, last in first out; each once. Rejects with every failure after all have run. */
  release(): Promise<void>;
}

export const createReleasers = (): Releasers => {
  const stack: { readonly name: string; readonly release: () => Promise<void> | void }[] = [];
  return {
    add: (name, release) => {
      stack.push({ name, release });
    },
    release: async () => {
      const failures: Error[] = [];
      for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
        try {
          await entry.release();
        } catch (cause) {
          failures.push(new Error(`${entry.name} did not close`, { cause }));
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, failures.map((f) => f.message).join('; '));
    },
  };
};

/** Runs `open` with a stack of releasers; where it fails, gives back what it had opened and fails with its error. */
export const withReleasers = async <T>(open: (releasers: Releasers) => Promise<T>): Promise<T> => {
  const releasers = createReleasers();
  try {
    return await open(releasers);
  } catch (error) {
    await releasers.release().catch(() => undefined);
    throw error;
  }
};
