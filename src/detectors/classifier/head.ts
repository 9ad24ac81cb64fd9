import { z } from 'zod';
import { STANCES, VIEWS, type View } from '../../domain/taxonomy.ts';
import { SHIPPED } from '../../taxonomy/shipped.ts';

// A head turns the encoder's vectors into scores: a linear map for each window, log-mean-exp over a view's windows, and a
// monotone map from that to a probability. It is a JSON file, so that retraining changes data and no code.

/** A file the head was trained with. Another one under the same name would make its weights meaningless. */
const fileSchema = z.strictObject({
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const numbers = z.array(z.number()).min(1);

const rises = (knots: readonly (readonly [number, number])[]): boolean =>
  knots.every(([score, probability], i) => {
    const before = knots[i - 1];
    return before === undefined || (score > before[0] && probability >= before[1]);
  });

const oneHeadSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/),
  /** What it was trained to read. No view has two heads; a view without one is not read. */
  views: z.array(z.enum(VIEWS).exclude(['cross'])).min(1),
  /** Category and stance of a finding; null where the score is evidence for others to weigh and no finding. */
  category: z.strictObject({ id: z.enum([...SHIPPED.ids]), stance: z.enum(STANCES) }).nullable(),
  /** How many fits were averaged into these weights. */
  seeds: z.int().positive(),
  mean: numbers,
  std: z.array(z.number().positive()).min(1),
  weights: numbers,
  bias: z.number(),
  /** Pooling is log(mean(exp(t × score))) / t: towards 0 the mean of the windows, large the highest of them. */
  temperature: z.number().positive(),
  /** Pooled score and probability, both rising; linear between, constant outside. */
  calibration: z
    .array(z.tuple([z.number(), z.number().min(0).max(1)]))
    .min(2)
    .refine(rises, 'scores must rise, and probabilities must not fall'),
  trainedOn: z.array(z.string().min(1)).min(1),
  calibratedOn: z.string().min(1),
});

export const headFileSchema = z
  .strictObject({
    format: z.literal('cot-monitor.head.v1'),
    encoder: z.strictObject({ dimensions: z.int().positive(), maxTokens: z.int().min(8).max(512) }),
    files: z.strictObject({ 'encoder.int8.onnx': fileSchema, 'vocab.txt': fileSchema }),
    heads: z.array(oneHeadSchema).min(1),
  })
  .superRefine(({ encoder, heads }, context) => {
    const views = heads.flatMap((head) => head.views);
    if (new Set(views).size !== views.length) {
      context.addIssue({ code: 'custom', path: ['heads'], message: 'a view may have one head only' });
    }
    for (const [i, head] of heads.entries()) {
      for (const key of ['mean', 'std', 'weights'] as const) {
        if (head[key].length !== encoder.dimensions) {
          context.addIssue({
            code: 'custom',
            path: ['heads', i, key],
            message: `must be ${encoder.dimensions} numbers`,
          });
        }
      }
    }
  });

export type HeadFile = z.output<typeof headFileSchema>;
export type HeadSource = HeadFile['heads'][number];

export interface Head {
  /** Score of a window: a logit, comparable within one head only. */
  score(vector: Float32Array): number;
  /** Score of a view from its windows'; a window's weight says how many windows of the text it stands for. */
  pool(scores: readonly number[], weights: readonly number[]): number;
  /** Probability that belongs to a pooled score. */
  calibrate(pooled: number): number;
}

/** Log-mean-exp, shifted by the highest score so that no exponential overflows. */
const pool = (scores: readonly number[], weights: readonly number[], temperature: number): number => {
  const highest = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  let sum = 0;
  let weight = 0;
  for (const [i, score] of scores.entries()) {
    sum += weights[i]! * Math.exp((score - highest) * temperature);
    weight += weights[i]!;
  }
  return highest + Math.log(sum / weight) / temperature;
};

const interpolate = (knots: readonly (readonly [number, number])[], at: number): number => {
  const above = knots.findIndex(([score]) => score >= at);
  if (above === 0) return knots[0]![1];
  if (above === -1) return knots.at(-1)![1];
  const [x0, y0] = knots[above - 1]!;
  const [x1, y1] = knots[above]!;
  return y0 + ((y1 - y0) * (at - x0)) / (x1 - x0);
};

export const createHead = ({ mean, std, weights, bias, temperature, calibration }: HeadSource): Head => {
  // The normalisation is linear too, so it goes into the weights once.
  const scaled = Float64Array.from(weights, (weight, i) => weight / std[i]!);
  const offset = scaled.reduce((sum, weight, i) => sum - weight * mean[i]!, bias);
  return {
    score: (vector) => scaled.reduce((sum, weight, i) => sum + weight * vector[i]!, offset),
    pool: (scores, shares) => pool(scores, shares, temperature),
    calibrate: (pooled) => interpolate(calibration, pooled),
  };
};

/** The head that reads a view, if any. */
export const headOf = ({ heads }: Pick<HeadFile, 'heads'>, view: View): HeadSource | undefined =>
  heads.find((head) => head.views.some((v) => v === view));
