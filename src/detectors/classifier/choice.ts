import { createHash } from 'node:crypto';

// Which windows of a long text are read. The encoder costs milliseconds a window, so beyond the budget it reads those
// that a cheaper tier pointed at and a stratified sample of the rest. Which window of a stratum that is depends on the
// trace's content: it is the same on every replay, and nobody can know beforehand where to hide.

export interface Choice {
  /** Index of the window. */
  readonly window: number;
  /** How many windows of the text it stands for, itself included. */
  readonly weight: number;
}

/** Share of the budget for windows pointed at: text that draws many pointers must not blind the sample. */
const POINTED_SHARE = 0.75;

/** A fraction below 1 for the n-th stratum, from the seed alone. */
const fractionOf = (seed: string, n: number): number =>
  createHash('sha256').update(`${seed}:${n}`).digest().readUInt32BE() / 2 ** 32;

/** 0 … count − 1 in an order of which every beginning is spread over the whole. */
const spreadOrder = (count: number): number[] => {
  const bits = Math.ceil(Math.log2(Math.max(2, count)));
  const reverse = (n: number): number => {
    let out = 0;
    for (let bit = 0; bit < bits; bit++) if (n & (1 << bit)) out |= 1 << (bits - 1 - bit);
    return out;
  };
  return Array.from({ length: 1 << bits }, (_, n) => reverse(n)).filter((n) => n < count);
};

const sample = (rest: readonly number[], count: number, seed: string): Choice[] =>
  spreadOrder(Math.min(count, rest.length)).map((stratum, _, { length }) => {
    const from = Math.floor((stratum * rest.length) / length);
    const to = Math.floor(((stratum + 1) * rest.length) / length);
    const at = from + Math.floor(fractionOf(seed, stratum) * (to - from));
    return { window: rest[at]!, weight: to - from };
  });

/**
 * @param count windows there are
 * @param pointed windows a cheaper tier pointed at, the most interesting first
 * @param budget most windows to choose, at least 2
 * @returns the choice in the order in which to read it: what is read before time runs out is spread over the text
 */
export const chooseWindows = (count: number, pointed: readonly number[], budget: number, seed: string): Choice[] => {
  if (count === 0) return [];
  const wanted = [...new Set(pointed)].filter((window) => window >= 0 && window < count);
  const kept = count <= budget ? wanted : wanted.slice(0, Math.floor(budget * POINTED_SHARE));
  // First and last always: a plan stands at the start, what came of it at the end.
  const fixed = [...new Set([...kept, 0, count - 1])].slice(0, budget);
  const taken = new Set(fixed);
  const rest: number[] = [];
  for (let window = 0; window < count; window++) if (!taken.has(window)) rest.push(window);
  return [...fixed.map((window) => ({ window, weight: 1 })), ...sample(rest, budget - fixed.length, seed)];
};
