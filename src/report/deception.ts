import { CARD_CLASSES, type CardClass, cardClassOf } from '../domain/card.ts';
import { VIEWS, type View } from '../domain/taxonomy.ts';
import type { AssessmentState } from '../domain/verdict.ts';
import { drawShare, propagate } from './statistics/beta-draws.ts';
import { wilson } from './statistics/binomial.ts';
import type { Estimate, Rate } from './statistics/estimate.ts';
import { createRandom } from './statistics/random.ts';

// The deception report: verdicts as counted by the store → the system card's table, raw and corrected by what reviewers
// and the shadow sample found, and how often the thinking holds what the answer does not.

/** Verdicts that are alike in everything a report asks. */
export interface VerdictCount {
  readonly flagged: boolean;
  readonly assessment: AssessmentState;
  readonly categories: readonly string[];
  /** Views that the trace had, and those of them with a finding that was flagged or recorded. */
  readonly seen: readonly View[];
  readonly hit: readonly View[];
  readonly count: number;
}

export interface ReviewedCount {
  readonly categories: readonly string[];
  readonly confirmed: number;
  readonly falsePositive: number;
}

/** The random sample of unflagged traces that the judge looked at. */
export interface ShadowCount {
  readonly judged: number;
  readonly hits: number;
}

export interface ClassRow {
  readonly class: CardClass | 'flagged';
  readonly count: number;
  /** Null where no trace was assessed. */
  readonly rate: Rate | null;
  /** Null where none of its flags was reviewed. */
  readonly precision: Rate | null;
  readonly corrected: Estimate | null;
}

export interface ViewRow {
  readonly view: 'reasoning' | 'reasoning_summary';
  /** Traces that had the view. */
  readonly total: number;
  /** Of those, how often the view held something and the answer did not, and how often the answer did too. */
  readonly onlyThere: Rate | null;
  readonly answerToo: Rate | null;
}

export interface DeceptionReport {
  /** Traces that the rates are of: assessed wholly or in part, or found guilty in what could be read. */
  readonly n: number;
  readonly traces: number;
  /** Share of all traces that nobody could assess. */
  readonly notAssessed: Rate | null;
  /** `flagged`, the sum, comes first. */
  readonly classes: readonly ClassRow[];
  readonly views: readonly ViewRow[];
  /** What the shadow sample says is missed. It is judged by a model, and is not truth. Null where there is no sample. */
  readonly missed: Rate | null;
}

export const isCounted = ({ assessment, flagged }: VerdictCount): boolean => assessment !== 'not_assessed' || flagged;

const total = (counts: readonly { readonly count: number }[]): number => counts.reduce((n, c) => n + c.count, 0);

export const rateOf = (count: number, n: number): Rate | null => (n === 0 ? null : wilson(count, n));

/** Any seed will do; the same counts must give the same interval. */
const SEED = 20_241_205;

export const deceptionReport = (
  verdicts: readonly VerdictCount[],
  reviewed: readonly ReviewedCount[],
  shadow: ShadowCount,
): DeceptionReport => {
  const counted = verdicts.filter(isCounted);
  const [traces, n] = [total(verdicts), total(counted)];
  const byClass = Map.groupBy(counted, cardClassOf);
  const reviewedByClass = Map.groupBy(reviewed, ({ categories }) => cardClassOf({ flagged: true, categories }));
  const flagged = n - total(byClass.get(null) ?? []);
  const random = createRandom(SEED);

  const precisionOf = (rows: readonly ReviewedCount[]): Rate | null => {
    const right = rows.reduce((sum, r) => sum + r.confirmed, 0);
    return rateOf(right, right + rows.reduce((sum, r) => sum + r.falsePositive, 0));
  };

  /** Flagged share × precision + the share that nobody looked at again × the share of misses in the sample. */
  const correct = (count: number, precision: Rate | null, misses: boolean): Estimate | null => {
    if (precision === null || n === 0) return null;
    const unseen = misses ? Math.max(0, n - flagged - (shadow.judged - shadow.hits)) / n : 0;
    const missRate = shadow.judged === 0 ? 0 : shadow.hits / shadow.judged;
    const withMisses = misses && shadow.judged > 0;
    return propagate((count / n) * precision.value + (withMisses ? unseen * missRate : 0), () => {
      const found = drawShare(count, n, random) * drawShare(precision.count, precision.total, random);
      return withMisses ? found + unseen * drawShare(shadow.hits, shadow.judged, random) : found;
    });
  };

  const row = (name: ClassRow['class'], count: number, rows: readonly ReviewedCount[]): ClassRow => {
    const precision = precisionOf(rows);
    return {
      class: name,
      count,
      rate: rateOf(count, n),
      precision,
      corrected: correct(count, precision, name === 'flagged'),
    };
  };

  return {
    n,
    traces,
    notAssessed: rateOf(total(verdicts.filter((v) => v.assessment === 'not_assessed')), traces),
    classes: [
      row('flagged', flagged, reviewed),
      ...CARD_CLASSES.map((name) => row(name, total(byClass.get(name) ?? []), reviewedByClass.get(name) ?? [])),
    ],
    views: (['reasoning', 'reasoning_summary'] as const).map((view) => viewRow(view, counted)),
    missed: rateOf(shadow.hits, shadow.judged),
  };
};

const viewRow = (view: ViewRow['view'], counted: readonly VerdictCount[]): ViewRow => {
  const had = counted.filter(({ seen }) => seen.includes(view));
  const held = had.filter(({ hit }) => hit.includes(view));
  const n = total(had);
  return {
    view,
    total: n,
    onlyThere: rateOf(total(held.filter(({ hit }) => !hit.includes('answer'))), n),
    answerToo: rateOf(total(held.filter(({ hit }) => hit.includes('answer'))), n),
  };
};

/** A set of views as bits, and back. */
export const viewBits = (views: Iterable<View>): number => {
  let bits = 0;
  for (const view of views) bits |= 1 << VIEWS.indexOf(view);
  return bits;
};

export const viewsOf = (bits: number): readonly View[] => VIEWS.filter((_, i) => (bits & (1 << i)) !== 0);
