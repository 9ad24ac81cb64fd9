import { useEffect, useState } from 'preact/hooks';

// Values that live outside of components: the address, the session, the theme.

export interface Observed<T> {
  get(): T;
  set(value: T): void;
  /** @returns what ends it */
  subscribe(listener: () => void): () => void;
}

export const observed = <T>(initial: T): Observed<T> => {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

export const useObserved = <T>(source: Observed<T>): T => {
  const [value, setValue] = useState(() => source.get());
  useEffect(() => {
    const follow = (): void => setValue(() => source.get());
    // It may have changed between the first rendering and now.
    follow();
    return source.subscribe(follow);
  }, [source]);
  return value;
};
