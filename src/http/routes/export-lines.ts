import { stringify } from 'csv-stringify/sync';
import type { LabelledTrace } from '../../record/auditing/contract.ts';
import type { Flag } from '../../record/contract.ts';
import { flagBody } from '../schemas/flag.ts';

// One record of an export, as a line.

export const MARK_HEADER = 'x-data-use';

/** In the header and in every record: records get parted from their headers. */
export const MARK = 'do-not-train';

/** Newline-delimited JSON escapes every line end inside a record. */
export const flagLine = (flag: Flag, cursor: string): string =>
  `${JSON.stringify({ dataUse: MARK, cursor, ...flagBody(flag) })}\n`;

/** As `eval` and `calibrate` read them: the trace itself, and what is known of it in keys that are taken off first. */
export const labelledLine = ({ flagId, label, categories, reviewers, trace }: LabelledTrace): string =>
  `${JSON.stringify({
    id: flagId,
    source: 'reviews',
    license: MARK,
    label,
    category: categories[0] ?? null,
    label_basis: `${reviewers} reviewer${reviewers === 1 ? '' : 's'}`,
    conversationId: trace.conversationId,
    ...(trace.turn === null ? {} : { turn: trace.turn }),
    occurredAt: trace.occurredAt.toISOString(),
    model: Object.fromEntries(Object.entries(trace.model).filter(([, value]) => value !== null)),
    labels: trace.labels,
    segments: (trace.segments ?? []).map(({ kind, name, text, coverage }) => ({
      kind,
      ...(name === undefined ? {} : { name }),
      text,
      coverage,
    })),
  })}\n`;

const COLUMNS = [
  'data_use',
  'cursor',
  'id',
  'trace_id',
  'conversation_id',
  'turn',
  'model_provider',
  'model_name',
  'model_version',
  'occurred_at',
  'received_at',
  'decision',
  'risk',
  'severity',
  'assessment',
  'review',
  'suppressed_by',
  'categories',
  'stances',
  'views',
  'rules',
  'quote',
] as const;

/** A byte order mark, so that spreadsheets read UTF-8. */
export const csvHead = (): string => `\ufeff${COLUMNS.join(',')}\n`;

/** Control characters and line ends become blanks: some readers drop them, and a formula behind one would come to life. */
const cell = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
    .trim();

const distinct = (values: readonly (string | null)[]): string =>
  cell([...new Set(values.filter((value) => value !== null))].join(' '));

export const csvLine = (flag: Flag, cursor: string): string => {
  const { findings, model } = flag;
  const values = [
    MARK,
    cursor,
    flag.id,
    cell(flag.traceId),
    cell(flag.conversationId),
    flag.turn,
    cell(model.provider ?? ''),
    cell(model.name ?? ''),
    cell(model.version ?? ''),
    flag.occurredAt.toISOString(),
    flag.receivedAt.toISOString(),
    flag.decision,
    flag.risk,
    flag.severity,
    flag.assessmentState,
    flag.review,
    distinct(flag.suppressedBy),
    distinct(findings.map((f) => f.category)),
    distinct(findings.map((f) => f.stance)),
    distinct(findings.map((f) => f.view)),
    distinct(findings.map((f) => f.detector.rule)),
    cell(findings[0]?.evidence[0]?.quote ?? ''),
  ];
  return stringify([values], { escape_formulas: true });
};
