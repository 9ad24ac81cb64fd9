import { cleanNegativesFor } from '../report/statistics/binomial.ts';
import type { Calibration, PolicyView } from './calibrate-thresholds.ts';
import { percent } from './eval-cells.ts';

// Calibrated thresholds as YAML to copy into a policy. Record and alert move only as far as their order asks.

type Thresholds = PolicyView['thresholds'];

const thresholdsOf = (flag: number, { record, alert }: Thresholds): Thresholds => ({
  record: Math.min(record, flag),
  flag,
  alert: Math.max(alert, flag),
});

const remark = ({ falseFlags, bound }: Calibration, fpr: number): string => {
  const seen = `${falseFlags!.count} of ${falseFlags!.total} negatives flagged, so at most ${percent(bound!, 2)} with 95% confidence`;
  const wanted = percent(fpr, 2);
  const shown =
    bound! <= fpr ? '' : `: ${wanted} is not shown, as ${cleanNegativesFor(fpr)} without a false flag would`;
  return `# ${seen}${shown}`;
};

const lines = ({ record, flag, alert }: Thresholds, indent: string): string[] =>
  [`record: ${record}`, `flag: ${flag}`, `alert: ${alert}`].map((line) => indent + line);

/** Ends with a newline. Thresholds out of reach are only remarked on. */
export const fragmentOf = (
  calibrations: readonly Calibration[],
  fpr: number,
  { thresholds }: Pick<PolicyView, 'thresholds'>,
): string => {
  const text = [`# Flag thresholds for a false positive rate of ${percent(fpr, 2)}, to merge into a policy.`];
  if (calibrations.some((c) => c.category !== null && c.flag !== null)) text.push('categories:');
  for (const calibration of calibrations) {
    const { category, flag } = calibration;
    const indent = category === null ? '' : '  ';
    if (flag === null) {
      text.push(`${indent}# ${category ?? 'all categories'}: even a threshold of 1 flags more than that.`);
      continue;
    }
    text.push(`${indent}${remark(calibration, fpr)}`, `${indent}${category ?? 'thresholds'}:`);
    text.push(...lines(thresholdsOf(flag, thresholds), `${indent}  `));
  }
  return `${text.join('\n')}\n`;
};
