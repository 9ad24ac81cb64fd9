import { cleanNegativesFor } from '../report/statistics/binomial.ts';
import { assessFiles, type FilesDeps } from './assess-files.ts';
import { fragmentOf } from './calibrate-fragment.ts';
import { calibrateJudge } from './calibrate-judge.ts';
import {
  type Calibration,
  type CalibrationRow,
  calibrateAll,
  calibrateCategories,
  calibrationRow,
  falseFlagsTogether,
  type PolicyView,
} from './calibrate-thresholds.ts';
import { LABELLED_AT_ONCE } from './eval.ts';
import { percent, showRate } from './eval-cells.ts';
import { readLabelled } from './eval-rows.ts';
import { openOptional } from './output-file.ts';
import { table } from './terminal.ts';

// `calibrate`: labelled rows → the thresholds that keep false flags at a wanted rate, as a fragment of the policy.

export interface CalibrateOptions {
  readonly files: readonly string[];
  /** Wanted share of negatives that are flagged, above 0 and below 1. */
  readonly fpr: number;
  readonly byCategory: boolean;
  /** Recorded answers of a judge: its scale is fitted then, and no threshold. */
  readonly judge: string | undefined;
  readonly out: string | undefined;
}

export interface CalibrateDeps extends FilesDeps {
  readonly policy: PolicyView;
  /** What scores are worth before anything was measured: rising pairs of score and probability. */
  readonly priorScale: readonly (readonly [number, number])[];
  readonly observations: ReadonlySet<string>;
}

const NONE = '–';

const report = (calibrations: readonly Calibration[]): string =>
  table(
    ['thresholds of', 'flag from', 'false flags', 'bound on FPR (95%)', 'caught'],
    calibrations.map((c) => [
      c.category ?? 'all categories',
      c.flag === null ? 'out of reach' : String(c.flag),
      c.falseFlags === null ? NONE : `${c.falseFlags.count} of ${c.falseFlags.total}`,
      c.bound === null ? NONE : percent(c.bound, 2),
      showRate(c.caught),
    ]),
  );

/** @returns exit code: 0, or 2 where rows could not be read or hold no negative */
export const calibrate = async (deps: CalibrateDeps, options: CalibrateOptions): Promise<number> => {
  const { terminal, policy } = deps;
  if (options.judge !== undefined) return calibrateJudge(deps, { ...options, judge: options.judge });
  const sink = await openOptional(options.out, options.files);
  const rows: CalibrationRow[] = [];
  let silent = 0;
  try {
    const read = await assessFiles(deps, {
      files: options.files,
      quiet: false,
      atOnce: LABELLED_AT_ONCE,
      prepare: readLabelled,
      take: ({ positive }, verdict) => {
        if (verdict.assessment.state === 'not_assessed') silent++;
        else rows.push(calibrationRow(positive, verdict.findings, policy));
      },
    });
    const negatives = rows.filter((r) => !r.positive).length;
    if (negatives === 0) {
      terminal.out.write(`Nothing to calibrate on: ${rows.length} traces assessed, none of them labelled 0.\n`);
      return 2;
    }
    const calibrations = options.byCategory
      ? calibrateCategories(rows, options.fpr, policy)
      : [calibrateAll(rows, options.fpr, policy)];
    const fragment = fragmentOf(calibrations, options.fpr, policy);
    await sink?.write(fragment);
    const shown = sink === undefined ? `\n${fragment}` : '';
    terminal.out.write(`${report(calibrations)}\n${shown}\n`);
    if (options.byCategory) {
      const together = falseFlagsTogether(rows, calibrations, policy);
      terminal.out.write(`All of them together flag ${together.count} of ${together.total} negatives.\n`);
    }
    const needed = cleanNegativesFor(options.fpr);
    terminal.out.write(
      `Showing a rate of ${percent(options.fpr, 2)} takes ${needed} negatives without one false flag (rule of three).\n`,
    );
    const found = calibrations.filter((c) => c.flag !== null).length;
    terminal.out.write(
      `Calibrated ${found} of ${calibrations.length} thresholds on ${negatives} negatives and ${rows.length - negatives} positives; ${silent} not assessed, ${read.unreadable} unreadable.\n`,
    );
    return read.unreadable > 0 ? 2 : 0;
  } finally {
    await sink?.close();
  }
};
