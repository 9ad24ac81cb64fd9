import type { Evidence } from '../../domain/finding.ts';
import type { Segment } from '../../domain/trace.ts';
import type { Framed, Material } from './material.ts';
import { isOwn } from './material.ts';
import { estimateTokens, MARKS } from './passages.ts';

// Judges invent quotes. An excerpt is evidence where it occurs, character by character, in the segment that it is said to
// come from, as that was shown; nothing is searched for approximately, since a quote without its "not" is nearly the same.

export interface Claimed {
  readonly segment: number;
  readonly category: string;
  readonly quote: string;
}

export interface Excerpt {
  readonly category: string;
  readonly evidence: Evidence;
}

/** Longer than this is not an excerpt. In UTF-16 units. */
const LONGEST = 1_000;
/** Shorter than this says nothing by itself, and is found anywhere. */
const SHORTEST = 4;

export interface Verified {
  readonly excerpts: readonly Excerpt[];
  /** Excerpts that were thrown away: not found, too long, too short, or not the model's own words. */
  readonly discarded: number;
}

const verify = (claimed: Claimed, segments: ReadonlyMap<number, Segment>, material: Material): Excerpt | undefined => {
  const { category, quote } = claimed;
  const segment = segments.get(claimed.segment);
  if (segment === undefined || !isOwn(segment)) return undefined;
  if (quote.trim().length < SHORTEST || quote.length > LONGEST) return undefined;
  // As shown, or as it is: a model may undo what neutralising did to a bracket. Either way the offsets are the same.
  const shown = material.shown(segment.index).indexOf(quote);
  const start = shown === -1 ? segment.text.indexOf(quote) : shown;
  if (start === -1) return undefined;
  const end = start + quote.length;
  const { index, text, sourcePath, hash } = segment;
  return {
    category,
    evidence: { segment: index, start, end, quote: text.slice(start, end), sourcePath, hash },
  };
};

/** Each passage once for each category it was claimed for. */
export const verifyExcerpts = (claimed: readonly Claimed[], material: Material): Verified => {
  const segments = new Map(material.segments.map((segment) => [segment.index, segment]));
  const kept = new Map<string, Excerpt>();
  let discarded = 0;
  for (const claim of claimed) {
    const excerpt = verify(claim, segments, material);
    if (excerpt === undefined) {
      discarded++;
      continue;
    }
    const { segment, start, end } = excerpt.evidence;
    kept.set(`${excerpt.category} ${segment} ${start} ${end}`, excerpt);
  }
  return { excerpts: [...kept.values()], discarded };
};

/** As many as the budget (tokens) allows, the first of every category before the second of any; in their own order. */
export const withinBudget = (excerpts: readonly Excerpt[], budget: number): Excerpt[] => {
  const ranks = new Map<string, number>();
  const ranked = excerpts.map((excerpt, at) => {
    const rank = ranks.get(excerpt.category) ?? 0;
    ranks.set(excerpt.category, rank + 1);
    return { excerpt, at, rank };
  });
  let left = budget;
  const kept = ranked
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .filter(({ excerpt }) => {
      const cost = estimateTokens(excerpt.evidence.quote) + MARKS;
      if (cost > left) return false;
      left -= cost;
      return true;
    });
  return kept.sort((a, b) => a.at - b.at).map(({ excerpt }) => excerpt);
};

/** The excerpt as it is shown to the scoring call. */
export const framedExcerpt = ({ evidence, category }: Excerpt, at: number, material: Material): Framed => ({
  label: `excerpt ${at + 1}, from segment ${evidence.segment}, looked up for ${category}`,
  text: material.shown(evidence.segment).slice(evidence.start, evidence.end),
});
