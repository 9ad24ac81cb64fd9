import { describe, expect, test } from 'vitest';
import { balance, fitHead } from '../../../src/detectors/classifier/fit.ts';
import type { Bag, Example } from '../../../src/detectors/contract.ts';
import { createRandom } from '../../../src/report/statistics/random.ts';

const random = createRandom(7);

/** A trace of windows of two numbers; in a positive one window has a high first number. The second number is noise. */
const bag = (positive: boolean, windows = 4): Bag => {
  const vectors = new Float32Array(2 * windows).map(() => random() - 0.5);
  if (positive) vectors[2 * Math.floor(random() * windows)]! += 4;
  return { vectors, weights: Array.from({ length: windows }, () => 1) };
};

const examples = Array.from({ length: 400 }, (_, i): Example => {
  const positive = i % 2 === 0;
  return { bag: bag(positive), positive, source: 'a' };
});

describe('fitting a head', () => {
  const head = fitHead(examples, 2, 2);

  test('finds the one window that makes a trace positive, from labels of traces alone', () => {
    // Six passes over 400 examples move it so far and no further; what matters is that the noise stays behind.
    expect(head.weights[0]).toBeGreaterThan(0.02);
    expect(Math.abs(head.weights[1]!)).toBeLessThan(head.weights[0]! / 3);
  });

  test('gives the same head for the same examples and seeds', () => {
    expect(fitHead(examples, 2, 2)).toEqual(head);
    expect(fitHead(examples, 2, 1).weights).not.toEqual(head.weights);
  });

  test('is not moved by the unit in which a number comes', () => {
    const scaled = examples.map((e) => ({ ...e, bag: { ...e.bag, vectors: e.bag.vectors.map((v) => 100 * v) } }));
    const other = fitHead(scaled, 2, 2);
    expect(other.weights[0]).toBeCloseTo(head.weights[0]!, 3);
    expect(other.mean[0]).toBeCloseTo(100 * head.mean[0]!, 2);
  });

  test('takes traces of any number of windows', () => {
    const uneven = examples.map((e, i) => ({ ...e, bag: bag(e.positive, 1 + (i % 5)) }));
    expect(fitHead(uneven, 2, 1).weights.every(Number.isFinite)).toBe(true);
  });
});

describe('the weights of examples', () => {
  const of = (count: number, source: string, positive: boolean) =>
    Array.from({ length: count }, () => ({ source, positive }));

  test('have mean 1, and no kind or source decides by its size', () => {
    const rows = [...of(10, 'a', true), ...of(40, 'a', false), ...of(100, 'big', false), ...of(4, 'small', false)];
    const weights = balance(rows);
    const sum = (from: number, to: number) => weights.slice(from, to).reduce((a, b) => a + b, 0);
    expect(sum(0, rows.length)).toBeCloseTo(rows.length, 8);
    expect(sum(0, 10)).toBeCloseTo(sum(10, 50), 8);
    expect(sum(0, 10)).toBeCloseTo(sum(50, 154), 8);
    expect(sum(50, 150) / sum(150, 154)).toBeCloseTo(Math.sqrt(100 / 4), 8);
  });

  test('are finite where there are no twins or no benign source', () => {
    for (const rows of [
      [...of(3, 'a', true), ...of(3, 'b', false)],
      [...of(3, 'a', true), ...of(3, 'a', false)],
    ]) {
      expect(balance(rows).every((w) => Number.isFinite(w) && w > 0)).toBe(true);
    }
  });
});
