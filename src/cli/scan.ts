import { parseArgs } from 'node:util';
import { z } from 'zod';
import { DECISIONS, type Decision, type Verdict } from '../domain/verdict.ts';
import { assessFiles, type FilesDeps, type FilesTally } from './assess-files.ts';
import { explanationOf, keepRiskiest } from './explanation.ts';
import { openOptional } from './output-file.ts';
import { type Terminal, table } from './terminal.ts';

// `scan`: the pipeline over files, nothing stored. Rows may be any accepted format, or labelled rows with prompt,
// reasoning and output; with labels, the table shows how each label fared.

export interface ScanOptions {
  readonly files: readonly string[];
  readonly format: string | undefined;
  readonly out: string | undefined;
  readonly failOn: 'flag' | 'alert' | undefined;
  readonly quiet: boolean;
  /** Of how many flagged traces, the riskiest first, to print what drove their verdicts. */
  readonly explain: number;
}

/** Verdicts are held until the end, so their number is bounded. */
const explainSchema = z.coerce.number().int().min(0).max(1_000);

/** The options, or what is wrong with the command line. */
export const readScan = (args: string[]): ScanOptions | string => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      format: { type: 'string' },
      out: { type: 'string' },
      'fail-on': { type: 'string' },
      explain: { type: 'string', default: '5' },
      quiet: { type: 'boolean', default: false },
    },
  });
  const failOn = values['fail-on'];
  if (positionals.length === 0) return 'scan needs at least one file';
  if (failOn !== undefined && failOn !== 'flag' && failOn !== 'alert') return '--fail-on takes flag or alert';
  const explain = explainSchema.safeParse(values.explain);
  if (!explain.success || values.explain.trim() === '') return '--explain takes a whole number from 0 to 1000';
  const { format, out, quiet } = values;
  return { files: positionals, format, out, failOn, quiet, explain: explain.data };
};

const AT_ONCE = 32;

interface Tally {
  readonly decisions: Map<Decision, number>;
  readonly categories: Map<string, Map<Decision, number>>;
  readonly labels: Map<string, Map<Decision, number>>;
  readonly reasons: Map<string, number>;
}

const bump = <K>(map: Map<K, number>, key: K): void => {
  map.set(key, (map.get(key) ?? 0) + 1);
};

const inner = <K>(map: Map<K, Map<Decision, number>>, key: K): Map<Decision, number> => {
  const found = map.get(key) ?? new Map<Decision, number>();
  map.set(key, found);
  return found;
};

const labelOf = (payload: unknown): string | undefined => {
  const label = typeof payload === 'object' && payload !== null ? (payload as { label?: unknown }).label : undefined;
  return label === 0 || label === 1 ? String(label) : undefined;
};

const count = (tally: Tally, payload: unknown, verdict: Verdict): void => {
  bump(tally.decisions, verdict.decision);
  for (const reason of verdict.assessment.reasons) bump(tally.reasons, reason);
  for (const category of new Set(verdict.findings.map((f) => f.category))) {
    bump(inner(tally.categories, category), verdict.decision);
  }
  const label = labelOf(payload);
  if (label !== undefined) bump(inner(tally.labels, label), verdict.decision);
};

const decisionRow = (name: string, counts: ReadonlyMap<Decision, number>): string[] => [
  name,
  ...DECISIONS.map((d) => String(counts.get(d) ?? 0)),
];

const report = (tally: Tally): string => {
  const head = (first: string): string[] => [first, ...DECISIONS];
  const sorted = <V>(map: ReadonlyMap<string, V>): [string, V][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = [
    table(head('category'), [
      ...sorted(tally.categories).map(([name, counts]) => decisionRow(name, counts)),
      decisionRow('all traces', tally.decisions),
    ]),
  ];
  if (tally.labels.size > 0) {
    parts.push(
      table(
        head('label'),
        sorted(tally.labels).map(([name, counts]) => decisionRow(name, counts)),
      ),
    );
  }
  if (tally.reasons.size > 0) {
    parts.push(
      table(
        ['not wholly assessed because', 'traces'],
        sorted(tally.reasons).map(([r, n]) => [r, String(n)]),
      ),
    );
  }
  return parts.join('\n\n');
};

const isFlagged = ({ decision }: Verdict): boolean => decision === 'flag' || decision === 'alert';

/** @returns exit code: 0 done, 1 something reached `failOn`, 2 rows could not be read */
export const scan = async (deps: FilesDeps, options: ScanOptions): Promise<number> => {
  const { terminal } = deps;
  const tally: Tally = { decisions: new Map(), categories: new Map(), labels: new Map(), reasons: new Map() };
  const sink = await openOptional(options.out, options.files);
  const flagged: Verdict[] = [];
  let read: FilesTally;
  try {
    read = await assessFiles(deps, {
      ...options,
      atOnce: AT_ONCE,
      prepare: (payload) => ({ row: payload, submission: { payload, tenant: 'default', format: options.format } }),
      take: async (payload, verdict) => {
        count(tally, payload, verdict);
        if (isFlagged(verdict)) keepRiskiest(flagged, verdict, options.explain);
        await sink?.write(`${JSON.stringify(verdict)}\n`);
      },
    });
  } finally {
    await sink?.close();
  }
  for (const verdict of flagged) terminal.out.write(`${explanationOf(verdict)}\n\n`);
  terminal.out.write(`${report(tally)}\n\n`);
  return conclude(tally, read, options, terminal);
};

const conclude = (tally: Tally, read: FilesTally, { failOn }: ScanOptions, terminal: Terminal): number => {
  const alerts = tally.decisions.get('alert') ?? 0;
  const flags = (tally.decisions.get('flag') ?? 0) + alerts;
  const assessed = read.rows - read.unreadable;
  terminal.out.write(
    `Assessed ${assessed} of ${read.rows} traces: ${flags} flagged, ${alerts} of them alerts; ${read.unreadable} unreadable.\n`,
  );
  if (read.unreadable > 0) return 2;
  return (failOn === 'alert' && alerts > 0) || (failOn === 'flag' && flags > 0) ? 1 : 0;
};
