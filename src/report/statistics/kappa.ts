import type { Estimate } from './estimate.ts';

const Z = 1.959963984540054;

export interface Agreement {
  /** Items that both judged. */
  readonly total: number;
  readonly agreed: number;
  /** Cohen's kappa; null where one answer is all that either gave, and chance explains everything. */
  readonly kappa: Estimate | null;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/**
 * How far two reviewers agree beyond chance, with the large-sample interval of Fleiss, Cohen and Everitt (1969, "Large
 * sample standard errors of kappa and weighted kappa"). Few items make that interval too short.
 * @param table square; `table[i][j]` counts what the first called i and the second j
 */
export const cohenKappa = (table: readonly (readonly number[])[]): Agreement => {
  const total = sum(table.map(sum));
  const agreed = sum(table.map((row, i) => row[i]!));
  if (total === 0) return { total, agreed, kappa: null };
  const p = table.map((row) => row.map((n) => n / total));
  const rows = p.map(sum);
  const columns = p.map((_, j) => sum(p.map((row) => row[j]!)));
  const observed = agreed / total;
  const chance = sum(rows.map((r, i) => r * columns[i]!));
  if (chance >= 1) return { total, agreed, kappa: null };
  const value = (observed - chance) / (1 - chance);
  const diagonal = sum(p.map((row, i) => row[i]! * (1 - (rows[i]! + columns[i]!) * (1 - value)) ** 2));
  const beside = sum(
    p.flatMap((row, i) => row.map((n, j) => (i === j ? 0 : n * (columns[i]! + rows[j]!) ** 2 * (1 - value) ** 2))),
  );
  const spread = Math.max(0, diagonal + beside - (value - chance * (1 - value)) ** 2);
  const half = (Z * Math.sqrt(spread / total)) / (1 - chance);
  return { total, agreed, kappa: { value, low: Math.max(-1, value - half), high: Math.min(1, value + half) } };
};
