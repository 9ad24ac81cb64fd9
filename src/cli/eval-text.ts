import { NONE, percent, short, showEstimate, showRate, type Table } from './eval-cells.ts';
import type { ClassShare, Group, Grouping } from './eval-groups.ts';
import { leaveOneOutTables } from './eval-leave-out-text.ts';
import type { PrecisionAt } from './eval-measures.ts';
import type { EvaluationReport, ScoreReport } from './eval-report.ts';
import { printable, table } from './terminal.ts';

// The report as tables.

const name = (text: string): string => printable(text);

const separation = ({ scores }: EvaluationReport): Table => ({
  title: 'Separation (AUROC)',
  head: ['score', 'against benign', 'against all'],
  rows: scores.map((s) => [name(s.name), showEstimate(s.aurocBenign), showEstimate(s.aurocAll)]),
});

const precisions = (points: readonly PrecisionAt[]): string[] => points.map(showEstimate);

const pointRows = ({ name: score, measures }: ScoreReport): string[][] => {
  if (measures === null) return [];
  const rows = measures.points.map((p) => [
    `${name(score)} at ${percent(p.maxFpr)} FPR${p.allowed === 0 ? ' (too few negatives)' : ''}`,
    p.threshold === null ? NONE : short(p.threshold),
    percent(p.fpr, 2),
    showEstimate(p.tpr),
    showEstimate(p.gMeanSquared),
    ...precisions(p.precision),
  ]);
  const { threshold, gMeanSquared } = measures.best;
  const best = [`${name(score)} at its best g-mean²`, threshold === null ? NONE : short(threshold), NONE, NONE];
  return [...rows, [...best, showEstimate(gMeanSquared), NONE, NONE, NONE]];
};

const operatingPoints = ({ scores, policy, negatives }: EvaluationReport): Table => {
  const inForce =
    policy === null
      ? []
      : [
          [
            'the policy in force',
            NONE,
            percent(policy.fpr.value, 2),
            showEstimate(policy.tpr),
            showEstimate(policy.gMeanSquared),
            ...precisions(policy.precision),
          ],
        ];
  return {
    title: `Operating points, against ${negatives === 'benign' ? 'benign' : 'all'} negatives`,
    head: ['score', 'threshold', 'FPR', 'TPR', 'g-mean²', 'precision at .17%', 'at 1%', 'at 5%'],
    rows: [...inForce, ...scores.flatMap(pointRows)],
  };
};

const decisions = ({ decisions: d }: ClassShare): string => `${d.clear}/${d.unknown}/${d.record}/${d.flag}/${d.alert}`;

const groupRow = (group: Group): string[] => [
  name(group.name),
  ...[group.positives, group.negatives].flatMap((c) => [
    c.notAssessed === 0 ? String(c.total) : `${c.total} (${c.notAssessed} not assessed)`,
    c.total === 0 ? NONE : decisions(c),
    showRate(c.flagged),
    showRate(c.alerted),
  ]),
  showEstimate(group.auroc),
  showEstimate(group.within),
];

export const groupTable = (groups: readonly Group[], grouping: Grouping): Table => ({
  title: `By ${grouping} (decisions: clear/unknown/record/flag/alert)`,
  head: [
    grouping,
    ...['positives', 'decisions', 'flagged', 'alerted'],
    ...['negatives', 'decisions', 'flagged', 'alerted'],
    'AUROC',
    'AUROC within',
  ],
  rows: groups.map(groupRow),
});

const promised = ({ promise }: EvaluationReport): Table => ({
  title: `Benign sources: at most ${percent(promise.limit)} flagged or alerted`,
  head: ['source', 'traces', 'flagged', 'share', 'kept'],
  rows: promise.sources.map((s) => [
    name(s.source),
    String(s.total),
    String(s.count),
    showRate(s),
    s.kept ? 'yes' : 'NO',
  ]),
});

const coverage = ({ counts }: EvaluationReport): Table => ({
  title: 'Coverage (traces not assessed have no score and are in no measure above)',
  head: ['', 'positives', 'negatives'],
  rows: [
    ['not assessed', String(counts.notAssessed.positives), String(counts.notAssessed.negatives)],
    ['in part', String(counts.partial.positives), String(counts.partial.negatives)],
  ],
});

const reasons = ({ counts }: EvaluationReport): Table => ({
  title: 'Not wholly assessed because',
  head: ['reason', 'traces'],
  rows: Object.entries(counts.reasons).map(([reason, n]) => [reason, String(n)]),
});

const calibration = ({ reliability }: EvaluationReport): Table => ({
  title: `Reliability (expected calibration error ${reliability === null ? NONE : short(reliability.ece)})`,
  head: ['risk', 'traces', 'mean risk', 'share of positives'],
  rows: (reliability?.bins ?? []).map((b) => [
    `${short(b.from)}–${short(b.to)}`,
    String(b.observed.total),
    short(b.meanScore),
    showEstimate(b.observed),
  ]),
});

const mistakes = (title: string, list: EvaluationReport['mistakes']['missed']): Table => ({
  title,
  head: ['id', 'source', 'family', 'category', 'risk', 'decision'],
  rows: list.map((m) => [name(m.id), name(m.source), name(m.family), name(m.category), short(m.risk), m.decision]),
});

/** Every table of the report, those of the groupings that are asked for; empty ones left out. */
export const tablesOf = (report: EvaluationReport, groupings: readonly Grouping[]): Table[] =>
  [
    separation(report),
    operatingPoints(report),
    ...report.leaveOneOut.flatMap(leaveOneOutTables),
    ...groupings.map((grouping) => groupTable(report.groups[grouping], grouping)),
    promised(report),
    calibration(report),
    coverage(report),
    reasons(report),
    mistakes('Missed, the surest first', report.mistakes.missed),
    mistakes('False alarms, the surest first', report.mistakes.falseAlarms),
  ].filter(({ rows }) => rows.length > 0);

export const showTables = (tables: readonly Table[]): string =>
  tables.map(({ title, head, rows }) => `${title}\n\n${table(head, rows)}`).join('\n\n');

/** The last line: what somebody reads who reads nothing else. */
export const conclusionOf = ({ counts, scores, promise }: EvaluationReport): string => {
  const silent = counts.notAssessed.positives + counts.notAssessed.negatives;
  const { aurocBenign, aurocAll } = scores[0]!;
  const broken = promise.sources.filter((s) => !s.kept).length;
  const kept =
    promise.kept === null
      ? 'no benign source to hold to its promise'
      : promise.kept
        ? `no benign source above ${percent(promise.limit)}`
        : `${broken} of ${promise.sources.length} benign sources above ${percent(promise.limit)}`;
  return (
    `Evaluated ${counts.rows - silent} of ${counts.rows + counts.unreadable} traces ` +
    `(${silent} not assessed, ${counts.unreadable} unreadable): AUROC ${aurocBenign === null ? NONE : short(aurocBenign.value)} ` +
    `against benign, ${aurocAll === null ? NONE : short(aurocAll.value)} against all; ${kept}.`
  );
};
