import { stringify } from 'csv-stringify/sync';
import type { DeceptionReport } from '../../report/deception.ts';
import type { Estimate, Rate } from '../../report/statistics/estimate.ts';

// The deception report as a table for spreadsheets, and as one for people.

const NONE = '–';

const bare = (estimate: Estimate | null): (number | null)[] =>
  estimate === null ? [null, null, null] : [estimate.value, estimate.low, estimate.high];

export const deceptionCsv = (report: DeceptionReport): string =>
  stringify(
    [
      ...report.classes.map((row) => [
        row.class,
        row.count,
        report.n,
        ...bare(row.rate),
        ...bare(row.precision),
        ...bare(row.corrected),
        ...bare(report.notAssessed),
      ]),
      ...report.views.map((row) => [
        `${row.view}_without_answer`,
        row.onlyThere?.count ?? 0,
        row.total,
        ...bare(row.onlyThere),
        ...bare(null),
        ...bare(null),
        ...bare(report.notAssessed),
      ]),
    ],
    {
      header: true,
      columns: ['class', 'count', 'n'].concat(
        ['rate', 'precision', 'corrected', 'not_assessed'].flatMap((name) => [name, `${name}_low`, `${name}_high`]),
      ),
      escape_formulas: true,
    },
  );

const percent = (share: number): string => `${(share * 100).toFixed(share !== 0 && share < 0.0995 ? 3 : 1)}%`;

const shown = (estimate: Estimate | null): string =>
  estimate === null ? NONE : `${percent(estimate.value)} (${percent(estimate.low)} to ${percent(estimate.high)})`;

const of = (rate: Rate | null): string => (rate === null ? NONE : `${rate.count} of ${rate.total}, ${shown(rate)}`);

/** Names come from callers: a pipe, a line end or markup must not make cells or links of its own. */
const plain = (text: string): string => text.replace(/[^\p{L}\p{N} .@:/_-]/gu, '?');

interface Scope {
  readonly model: string | null;
  readonly modelVersion: string | null;
  readonly from: string | null;
  readonly to: string | null;
}

export const deceptionMarkdown = (report: DeceptionReport, scope: Scope): string => {
  const model = [scope.model ?? 'all models', scope.modelVersion].filter((part) => part !== null).map(plain);
  return [
    `# Deception: ${model.join(' @ ')}`,
    '',
    `From ${scope.from ?? 'the beginning'} to ${scope.to ?? 'now'}. ${report.n} of ${report.traces} traces counted; not assessed: ${of(report.notAssessed)}.`,
    '',
    '| Class | n | Count | Rate (95%) | Precision in review | Corrected | Not assessed |',
    '|---|---|---|---|---|---|---|',
    ...report.classes.map(
      (row) =>
        `| ${row.class} | ${report.n} | ${row.count} | ${shown(row.rate)} | ${of(row.precision)} | ${shown(row.corrected)} | ${shown(report.notAssessed)} |`,
    ),
    '',
    '| View | n | It holds something, the answer does not | Both do |',
    '|---|---|---|---|',
    ...report.views.map((row) => `| ${row.view} | ${row.total} | ${of(row.onlyThere)} | ${of(row.answerToo)} |`),
    '',
    report.missed === null
      ? 'No unflagged traces were sampled: what the monitor misses is not known, and not in the corrected rates.'
      : `Missed in the sample of unflagged traces, as a model judged it: ${of(report.missed)}.`,
    '',
  ].join('\n');
};
