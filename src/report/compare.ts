import { type CardClass, type Classed, cardClassOf } from '../domain/card.ts';
import { wilson } from './statistics/binomial.ts';
import type { Estimate, Rate } from './statistics/estimate.ts';
import { type Block, type SequentialTest, sequentialTest } from './statistics/sequential.ts';

// Two versions of a model beside one another: rates, their difference, and whether it is real.

export type ComparedClass = CardClass | 'flagged';

export interface Side {
  readonly total: number;
  readonly classed: readonly (Classed & { readonly count: number })[];
}

export interface Comparison {
  /** Null where a side has no traces. */
  readonly a: Rate | null;
  readonly b: Rate | null;
  /** Of b less a, with Newcombe's interval; null where a side has no traces. */
  readonly difference: Estimate | null;
  readonly test: SequentialTest;
  /** Traces of each side that the test has seen: whole blocks that both have. */
  readonly tested: number;
}

/** Small, so that a shift is seen early; one trace at a time would gain little more. */
export const BLOCK_SIZE = 250;

const countOf = ({ classed }: Side, wanted: ComparedClass): number =>
  classed.reduce((sum, verdict) => {
    const found = cardClassOf(verdict);
    return (wanted === 'flagged' ? found !== null : found === wanted) ? sum + verdict.count : sum;
  }, 0);

/** Newcombe (1998), from the two Wilson intervals. */
const difference = (a: Rate, b: Rate): Estimate => {
  const value = b.value - a.value;
  return {
    value,
    low: value - Math.hypot(b.value - b.low, a.high - a.value),
    high: value + Math.hypot(b.high - b.value, a.value - a.low),
  };
};

/**
 * The i-th block of one side is set against the i-th of the other, whenever each occurred: versions seldom run at the
 * same time. What differs between two periods therefore looks like a difference between the versions.
 */
export const compare = (
  sides: { readonly a: Side; readonly b: Side },
  blocks: { readonly a: readonly Side[]; readonly b: readonly Side[] },
  wanted: ComparedClass,
): Comparison => {
  const share = (side: Side): Rate | null => (side.total === 0 ? null : wilson(countOf(side, wanted), side.total));
  const [a, b] = [share(sides.a), share(sides.b)];
  const pairs = Math.min(blocks.a.length, blocks.b.length);
  const paired = Array.from({ length: pairs }, (_, i): Block => {
    const [left, right] = [blocks.a[i]!, blocks.b[i]!];
    return {
      a: { count: countOf(left, wanted), total: left.total },
      b: { count: countOf(right, wanted), total: right.total },
    };
  });
  return {
    a,
    b,
    difference: a === null || b === null ? null : difference(a, b),
    test: sequentialTest(paired),
    tested: paired.reduce((sum, block) => sum + block.a.total, 0),
  };
};
