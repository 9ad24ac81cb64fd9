import { pointAtFpr } from '../statistics/discrimination.ts';
import { createRandom } from '../statistics/random.ts';
import { createSample } from '../statistics/sample.ts';
import { type CascadeRow, orderOf, ROUTINGS, type Routing } from './routing.ts';

// What a judge buys: the share of traffic that is judged against what is caught at a bearable rate of false alarms. The
// oracle knows the label; no judge does better with the same routing.

export interface CurvePoint {
  /** Share of negatives that are judged: traffic is nearly all negatives. */
  readonly budget: number;
  readonly tpr: number;
  readonly oracle: number;
  /** Lowest and highest risk that was judged; null where nothing was. */
  readonly from: number | null;
  readonly to: number | null;
}

export interface Curve {
  readonly routing: Routing;
  readonly points: readonly CurvePoint[];
}

export interface CurveOptions {
  readonly maxFpr: number;
  readonly high: number;
  /** What the odds are multiplied with where the judge found nothing, and where it is certain; the policy's. */
  readonly odds: { readonly clear: number; readonly found: number };
  readonly seed: number;
}

export const BUDGETS = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1] as const;

const scaleOdds = (risk: number, factor: number): number => (risk * factor) / (1 - risk + risk * factor);

const rescored = (
  { risk, judged }: Pick<CascadeRow, 'risk' | 'judged'>,
  { clear, found }: CurveOptions['odds'],
): number => (judged === null ? risk : scaleOdds(risk, clear ** (1 - judged) * found ** judged));

const tprAt = (rows: readonly CascadeRow[], score: (row: CascadeRow) => number, maxFpr: number): number => {
  const of = (positive: boolean) => rows.filter((row) => row.positive === positive).map(score);
  return pointAtFpr(createSample(of(true), of(false)), maxFpr).tpr;
};

/** The rows that fit into the budget, in order. Ties are broken by chance, or a step in the risk would be all or nothing. */
const chosen = (
  rows: readonly CascadeRow[],
  order: (row: CascadeRow) => number,
  budget: number,
  random: () => number,
): ReadonlySet<CascadeRow> => {
  const ranked = rows
    .map((row) => ({ row, rank: order(row), tie: random() }))
    .filter(({ rank }) => rank > Number.NEGATIVE_INFINITY)
    .sort((a, b) => b.rank - a.rank || a.tie - b.tie);
  let left = Math.floor(budget * rows.filter((row) => !row.positive).length + 1e-9);
  const within = new Set<CascadeRow>();
  for (const { row } of ranked) {
    if (left === 0) break;
    within.add(row);
    if (!row.positive) left -= 1;
  }
  return within;
};

/** Needs at least one row of each class. */
export const curvesOf = (rows: readonly CascadeRow[], options: CurveOptions): readonly Curve[] =>
  ROUTINGS.map((routing) => {
    const random = createRandom(options.seed);
    const order = orderOf(routing, rows, { ...options, random });
    const points = BUDGETS.map((budget): CurvePoint => {
      const within = chosen(rows, order, budget, random);
      const risks = [...within].map((row) => row.risk);
      const told = (judged: (row: CascadeRow) => number | null) => (row: CascadeRow) =>
        rescored({ risk: row.risk, judged: within.has(row) ? judged(row) : null }, options.odds);
      return {
        budget,
        tpr: tprAt(
          rows,
          told((row) => row.judged),
          options.maxFpr,
        ),
        oracle: tprAt(
          rows,
          told((row) => (row.positive ? 1 : 0)),
          options.maxFpr,
        ),
        from: risks.length === 0 ? null : risks.reduce((a, b) => Math.min(a, b)),
        to: risks.length === 0 ? null : risks.reduce((a, b) => Math.max(a, b)),
      };
    });
    return { routing, points };
  });
