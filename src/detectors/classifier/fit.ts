import { createRandom, type Random } from '../../report/statistics/random.ts';
import type { Bag, Example } from '../contract.ts';

// Trains a head: linear over the windows' vectors, log-mean-exp over a trace's windows, and the loss on the trace, since
// only traces are labelled. Several seeds are averaged into one linear map. Nothing here knows about folds.

const EPOCHS = 6;
const BATCH = 128;
const RATE = 2e-3;
/** AdamW's decay of the weights, by step and rate. */
const DECAY = 1e-2;
const WARM_UP = 0.3;
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

export interface LinearHead {
  readonly mean: Float64Array;
  readonly std: Float64Array;
  readonly weights: Float64Array;
  readonly bias: number;
}

/** All windows under one another, standardised, and where each trace's begin. */
interface Table {
  readonly x: Float32Array;
  readonly dimensions: number;
  /** First window of each trace, and behind the last one's. */
  readonly starts: Int32Array;
  readonly shares: Float64Array;
}

const moments = (bags: readonly Bag[], dimensions: number): { mean: Float64Array; std: Float64Array } => {
  const [sum, squares] = [new Float64Array(dimensions), new Float64Array(dimensions)];
  let count = 0;
  for (const { vectors } of bags) {
    for (let at = 0; at < vectors.length; at++) {
      const value = vectors[at]!;
      sum[at % dimensions]! += value;
      squares[at % dimensions]! += value * value;
    }
    count += vectors.length / dimensions;
  }
  const mean = sum.map((s) => s / count);
  const std = squares.map((s, i) => Math.sqrt(Math.max(0, s / count - mean[i]! ** 2)) + 1e-4);
  return { mean, std };
};

const tableOf = (bags: readonly Bag[], mean: Float64Array, std: Float64Array): Table => {
  const dimensions = mean.length;
  const starts = new Int32Array(bags.length + 1);
  for (const [i, { weights }] of bags.entries()) starts[i + 1] = starts[i]! + weights.length;
  const x = new Float32Array(starts.at(-1)! * dimensions);
  for (const [i, { vectors }] of bags.entries()) {
    const from = starts[i]! * dimensions;
    for (let at = 0; at < vectors.length; at++) {
      const d = at % dimensions;
      x[from + at] = (vectors[at]! - mean[d]!) / std[d]!;
    }
  }
  return { x, dimensions, starts, shares: Float64Array.from(bags.flatMap(({ weights }) => weights)) };
};

/**
 * Weights of mean 1: a third each to positives, to negatives of sources that have positives, and to benign sources, among
 * which a source weighs as the root of its size, so that the largest does not decide alone.
 */
export const balance = (examples: readonly Pick<Example, 'positive' | 'source'>[]): Float64Array => {
  const mixed = new Set(examples.filter((e) => e.positive).map((e) => e.source));
  const kindOf = ({ positive, source }: Pick<Example, 'positive' | 'source'>): string =>
    positive ? 'positive' : mixed.has(source) ? 'twin' : source;
  const sizes = new Map<string, number>();
  for (const example of examples) sizes.set(kindOf(example), (sizes.get(kindOf(example)) ?? 0) + 1);
  const benign = [...sizes.keys()].filter((kind) => kind !== 'positive' && kind !== 'twin');
  const roots = benign.reduce((sum, source) => sum + Math.sqrt(sizes.get(source)!), 0);
  const weights = Float64Array.from(examples, (example) => {
    const kind = kindOf(example);
    const size = sizes.get(kind)!;
    return kind === 'positive' || kind === 'twin' ? 1 / size : 1 / Math.sqrt(size) / roots;
  });
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => (w * examples.length) / total);
};

const shuffled = (count: number, random: Random): Int32Array => {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
};

/** Up in a straight line, then down along half a cosine. */
const rateAt = (step: number, steps: number): number => {
  const share = step / steps;
  if (share < WARM_UP) return (RATE * (0.04 * WARM_UP + 0.96 * share)) / WARM_UP;
  return (RATE * (1 + Math.cos((Math.PI * (share - WARM_UP)) / (1 - WARM_UP)))) / 2;
};

/** Adds the gradient of one trace's loss; the last place is the bias. */
const addGradient = (
  { x, dimensions, starts, shares }: Table,
  bag: number,
  target: number,
  weight: number,
  parameters: Float64Array,
  gradient: Float64Array,
): void => {
  const [from, to] = [starts[bag]!, starts[bag + 1]!];
  const scores = new Float64Array(to - from);
  let highest = Number.NEGATIVE_INFINITY;
  for (let window = from; window < to; window++) {
    let score = parameters[dimensions]!;
    for (let d = 0, at = window * dimensions; d < dimensions; d++, at++) score += parameters[d]! * x[at]!;
    scores[window - from] = score;
    if (score > highest) highest = score;
  }
  let [sum, share] = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    scores[i] = shares[from + i]! * Math.exp(scores[i]! - highest);
    sum += scores[i]!;
    share += shares[from + i]!;
  }
  const pooled = highest + Math.log(sum / share);
  const slope = weight * (1 / (1 + Math.exp(-pooled)) - target);
  gradient[dimensions]! += slope;
  for (let i = 0; i < scores.length; i++) {
    const own = (slope * scores[i]!) / sum;
    for (let d = 0, at = (from + i) * dimensions; d < dimensions; d++, at++) gradient[d]! += own * x[at]!;
  }
};

const train = (table: Table, targets: readonly boolean[], weights: Float64Array, random: Random): Float64Array => {
  const size = table.dimensions + 1;
  const [parameters, gradient] = [new Float64Array(size), new Float64Array(size)];
  const [first, second] = [new Float64Array(size), new Float64Array(size)];
  const steps = EPOCHS * Math.ceil(targets.length / BATCH);
  let step = 0;
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const order = shuffled(targets.length, random);
    for (let at = 0; at < order.length; at += BATCH) {
      const batch = order.subarray(at, at + BATCH);
      gradient.fill(0);
      for (const bag of batch) {
        addGradient(table, bag, targets[bag] ? 1 : 0, weights[bag]! / batch.length, parameters, gradient);
      }
      const rate = rateAt(step++, steps);
      for (let d = 0; d < size; d++) {
        const g = gradient[d]!;
        first[d] = BETA1 * first[d]! + (1 - BETA1) * g;
        second[d] = BETA2 * second[d]! + (1 - BETA2) * g * g;
        const [m, v] = [first[d]! / (1 - BETA1 ** step), second[d]! / (1 - BETA2 ** step)];
        parameters[d] = parameters[d]! * (1 - rate * DECAY) - (rate * m) / (Math.sqrt(v) + EPSILON);
      }
    }
  }
  return parameters;
};

/**
 * @param examples of one or more sources; every bag holds at least one window
 * @param dimensions length of a window's vector
 */
export const fitHead = (examples: readonly Example[], dimensions: number, seeds: number): LinearHead => {
  const bags = examples.map((e) => e.bag);
  const { mean, std } = moments(bags, dimensions);
  const table = tableOf(bags, mean, std);
  const weights = balance(examples);
  const targets = examples.map((e) => e.positive);
  const total = new Float64Array(dimensions + 1);
  for (let seed = 0; seed < seeds; seed++) {
    const parameters = train(table, targets, weights, createRandom(seed));
    for (const [d, value] of parameters.entries()) total[d]! += value / seeds;
  }
  return { mean, std, weights: total.subarray(0, dimensions), bias: total[dimensions]! };
};
