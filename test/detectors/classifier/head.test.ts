import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHead, headFileSchema, headOf } from '../../../src/detectors/classifier/head.ts';
import { headFile, headSource } from './heads.ts';

const pointsAtFault = (changes: object): string[] =>
  (headFileSchema.safeParse({ ...headFile(), ...changes }).error?.issues ?? []).map((i) => i.path.join('/'));

describe('a head', () => {
  it('scores a vector linearly, after mean and deviation', () => {
    const head = createHead(headSource({ mean: [1, 2], std: [2, 4], weights: [3, 5], bias: 0.5 }));
    expect(head.score(Float32Array.of(3, 6))).toBeCloseTo(3 * 1 + 5 * 1 + 0.5, 10);
    expect(head.score(Float32Array.of(1, 2))).toBeCloseTo(0.5, 10);
  });

  it('pools by log-mean-exp: equal scores keep their value, and a high one counts more than the mean says', () => {
    const head = createHead(headSource({ temperature: 2 }));
    expect(head.pool([1.5, 1.5, 1.5], [1, 1, 1])).toBeCloseTo(1.5, 10);
    expect(head.pool([0, 3], [1, 1])).toBeCloseTo(Math.log((1 + Math.exp(6)) / 2) / 2, 10);
  });

  it('pools a window that stands for many as if all of them had been read', () => {
    const head = createHead(headSource());
    expect(head.pool([2, -1], [1, 3])).toBeCloseTo(head.pool([2, -1, -1, -1], [1, 1, 1, 1]), 10);
  });

  it('pools scores of any size without overflow, never outside their range', () => {
    const head = createHead(headSource());
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), (scores) => {
        const pooled = head.pool(
          scores,
          scores.map(() => 1),
        );
        expect(pooled).toBeLessThanOrEqual(Math.max(...scores) + 1e-6);
        expect(pooled).toBeGreaterThanOrEqual(Math.min(...scores) - 1e-6);
      }),
    );
  });

  it('maps to probabilities linearly between knots and constantly outside', () => {
    const { calibrate } = createHead(
      headSource({
        calibration: [
          [-1, 0.1],
          [1, 0.5],
          [3, 0.9],
        ],
      }),
    );
    expect([-9, -1, 0, 1, 2, 3, 9].map(calibrate)).toEqual(
      [0.1, 0.1, 0.3, 0.5, 0.7, 0.9, 0.9].map((p) => expect.closeTo(p, 10)),
    );
  });

  it('is found by the view it reads', () => {
    const file = headFile();
    expect(headOf(file, 'reasoning')?.name).toBe('test');
    expect(headOf(file, 'action')).toBeUndefined();
  });
});

describe('a head file', () => {
  it('is accepted as documented', () => {
    expect(headFileSchema.safeParse(headFile()).success).toBe(true);
  });

  it.each([
    ['another format', { format: 'cot-monitor.head.v2' }, 'format'],
    ['a file missing', { files: { 'vocab.txt': headFile().files['vocab.txt'] } }, 'files/encoder.int8.onnx'],
    ['no head', { heads: [] }, 'heads'],
    ['weights of another size', { heads: [headSource({ weights: [1] })] }, 'heads/0/weights'],
    ['a deviation of zero', { heads: [headSource({ std: [1, 0] })] }, 'heads/0/std/1'],
    ['a number that is none', { heads: [headSource({ bias: Number.NaN })] }, 'heads/0/bias'],
    [
      'falling probabilities',
      {
        heads: [
          headSource({
            calibration: [
              [0, 0.5],
              [1, 0.4],
            ],
          }),
        ],
      },
      'heads/0/calibration',
    ],
    [
      'equal scores',
      {
        heads: [
          headSource({
            calibration: [
              [0, 0.4],
              [0, 0.5],
            ],
          }),
        ],
      },
      'heads/0/calibration',
    ],
    [
      'a probability above 1',
      {
        heads: [
          headSource({
            calibration: [
              [0, 0.4],
              [1, 1.5],
            ],
          }),
        ],
      },
      'heads/0/calibration/1/1',
    ],
    [
      'a category that is not ours',
      { heads: [{ ...headSource(), category: { id: 'x', stance: 'intended' } }] },
      'heads/0/category/id',
    ],
    ['two heads for a view', { heads: [headSource(), headSource({ name: 'other' })] }, 'heads'],
    ['a field nobody knows', { extra: 1 }, ''],
  ])('is refused with the field at fault: %s', (_, changes, path) => {
    expect(pointsAtFault(changes)).toContain(path);
  });
});
