import type { Evidence } from '../../domain/finding.ts';
import type { Stance, View } from '../../domain/taxonomy.ts';
import { type Segment, viewOf } from '../../domain/trace.ts';
import type { ScoreEntry } from './answer.ts';
import type { Excerpt } from './excerpts.ts';
import type { Scale } from './prompts.ts';
import { probabilityOf } from './scale.ts';

// One judge's view of one category, with what it said held against what can be checked.

export interface Opinion {
  readonly category: string;
  /** 1–10; not only whole numbers, where the server told how sure it was. */
  readonly score: number;
  readonly probability: number;
  readonly stance: Stance;
  readonly view: View;
  /** Empty where the judge named no passage that occurs: such an opinion counts for half. */
  readonly evidence: readonly Evidence[];
  readonly why: string;
}

/** What an opinion is worth that rests on no passage. */
const UNVERIFIED = 0.5;

const OUTWARD: ReadonlySet<View> = new Set(['answer', 'action', 'cross']);

/** The view that was named, if the evidence lies there; else where it does lie. `cross` takes two views. */
const viewOfEvidence = (named: View, views: readonly View[]): View => {
  const different = new Set(views);
  if (different.size === 0 || different.has(named)) return named;
  if (named === 'cross' && different.size > 1) return named;
  return views[0]!;
};

/** Nothing is carried out in thought alone. */
const stanceOf = (named: Stance, view: View): Stance => (named === 'acted' && !OUTWARD.has(view) ? 'intended' : named);

export interface Scored {
  readonly entry: ScoreEntry;
  readonly category: string;
  /** The continuous score, where there is one. */
  readonly score: number;
}

/**
 * @param excerpts as they were numbered for the judge, from 1
 * @returns the opinion, and how many numbers it named that no excerpt has
 */
export const opinionOf = (
  { entry, category, score }: Scored,
  excerpts: readonly Excerpt[],
  segments: ReadonlyMap<number, Segment>,
  scale: Scale,
): { readonly opinion: Opinion; readonly invented: number } => {
  const numbers = [...new Set(entry.excerpts)];
  const cited = numbers.flatMap((n) => excerpts[n - 1] ?? []);
  const evidence = [...new Map(cited.map(({ evidence: e }) => [`${e.segment} ${e.start} ${e.end}`, e])).values()];
  const views = evidence.map(({ segment }) => viewOf(segments.get(segment)!.kind)!);
  const view = viewOfEvidence(entry.view, views);
  const probability = probabilityOf(score, scale);
  return {
    opinion: {
      category,
      score,
      probability: evidence.length === 0 ? probability * UNVERIFIED : probability,
      stance: stanceOf(entry.stance, view),
      view,
      evidence,
      why: entry.why,
    },
    invented: numbers.length - cited.length,
  };
};
