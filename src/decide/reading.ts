import type { DetectorResult, Outcome } from '../domain/outcome.ts';
import { VIEWS, type View } from '../domain/taxonomy.ts';
import { isReadable, type Trace, viewOf } from '../domain/trace.ts';
import type { Reading, ViewCoverage } from '../domain/verdict.ts';

// How much of each view was read, and by which detector. A number for everybody who asks what a quiet verdict is worth.

/** A detector that says no more than its outcome read all of the text, or none of it, or stopped somewhere. */
const plainReading = (outcome: Outcome, characters: number): Omit<Reading, 'detector'> => {
  if (outcome.kind === 'unjudged') return { characters: 0, left: outcome.reason };
  if (outcome.kind === 'hit' && outcome.incomplete !== undefined) return { characters: null, left: outcome.incomplete };
  return { characters };
};

/** One detector's reading of one view; undefined where it does not read that view. */
export const readingOf = (
  detector: string,
  outcome: Outcome,
  { view, characters }: Pick<ViewCoverage, 'view' | 'characters'>,
): Reading | undefined => {
  if (outcome.readings === undefined) return { detector, ...plainReading(outcome, characters) };
  const own = outcome.readings[view];
  return own === undefined ? undefined : { detector, ...own };
};

const coverageOf = (trace: Trace, view: View, results: readonly DetectorResult[]): ViewCoverage[] => {
  const segments = trace.segments.filter((segment) => viewOf(segment.kind) === view);
  if (segments.length === 0) return [];
  const readable = segments.filter(isReadable);
  const characters = readable.reduce((total, { text }) => total + text.length, 0);
  const readings = results.flatMap(({ detector, outcome }) => readingOf(detector, outcome, { view, characters }) ?? []);
  return [{ view, segments: segments.length, unreadable: segments.length - readable.length, characters, readings }];
};

/** By view, in the order of VIEWS; `cross` is read with the views that it compares. */
export const readingsOf = (trace: Trace, results: readonly DetectorResult[]): ViewCoverage[] =>
  VIEWS.flatMap((view) => coverageOf(trace, view, results));
