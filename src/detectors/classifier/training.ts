import { isReadable, viewOf } from '../../domain/trace.ts';
import type { Bag, HeadTraining, ScoreBag } from '../contract.ts';
import { fitHead } from './fit.ts';
import { createHead, type HeadSource, headOf } from './head.ts';
import type { EncoderScorer } from './scorer.ts';

// Heads trained anew on the vectors that the service itself would read: the same encoder, windows and sample of them.

/** A head's pooled score of a bag. */
const scoreWith = (source: Pick<HeadSource, 'mean' | 'std' | 'weights' | 'bias' | 'temperature'>): ScoreBag => {
  const head = createHead({ ...NEUTRAL, ...source });
  return ({ vectors, weights }: Bag) => {
    const dimensions = vectors.length / weights.length;
    const scores = weights.map((_, i) => head.score(vectors.subarray(i * dimensions, (i + 1) * dimensions)));
    return head.pool(scores, weights);
  };
};

/** What a head needs beside its weights, none of it used for a pooled score. */
const NEUTRAL = {
  name: 'trained',
  views: ['reasoning'],
  category: null,
  seeds: 1,
  calibration: [
    [0, 0],
    [1, 1],
  ],
  trainedOn: ['evaluation'],
  calibratedOn: 'nothing',
} satisfies Partial<HeadSource>;

/** @returns undefined where the model has no head for reasoning */
export const createHeadTraining = (scorer: EncoderScorer, maxWindows: number): HeadTraining | undefined => {
  const source = headOf(scorer, 'reasoning');
  if (source === undefined) return undefined;
  return {
    version: `${scorer.encoderHash.slice(0, 16)}-${maxWindows}`,
    embed: async (trace) => {
      const thought = trace.segments.some((s) => isReadable(s) && viewOf(s.kind) === 'reasoning');
      const { views } = await scorer.embed(trace);
      return (thought ? views.reasoning : views.reasoning_summary)?.bag;
    },
    shipped: scoreWith(source),
    fit: (examples, seeds) => {
      const { mean, std, weights, bias } = fitHead(examples, source.mean.length, seeds);
      return scoreWith({
        mean: [...mean],
        std: [...std],
        weights: [...weights],
        bias,
        temperature: 1,
      });
    },
  };
};
