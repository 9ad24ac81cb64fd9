import type { Estimate, Rate } from '../report/statistics/estimate.ts';

// Figures as text: cells of the tables that the terminal and the HTML page both print.

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export const NONE = '–';

/** Three decimals, without a leading zero: .931. */
export const short = (value: number): string => value.toFixed(3).replace(/^0/, '');

export const showEstimate = (estimate: Estimate | null): string =>
  estimate === null ? NONE : `${short(estimate.value)} (${short(estimate.low)}–${short(estimate.high)})`;

export const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)}%`;

export const showRate = (rate: Rate | null): string =>
  rate === null ? NONE : `${percent(rate.value)} (${percent(rate.low)}–${percent(rate.high)})`;
