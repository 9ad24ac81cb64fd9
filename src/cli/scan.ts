import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { Presets, SingleBar } from 'cli-progress';
import { CodedError } from '../domain/errors.ts';
import { DECISIONS, type Decision, type Verdict } from '../domain/verdict.ts';
import type { Assessor } from '../pipeline.ts';
import { printable, type Terminal, table } from './terminal.ts';
import { type FileLine, readLines, sizeOf } from './trace-files.ts';

// `scan`: the pipeline over files, nothing stored. Rows may be any accepted format, or labelled rows with prompt,
// reasoning and output; with labels, the table shows how each label fared.

export interface ScanOptions {
  readonly files: readonly string[];
  readonly format: string | undefined;
  readonly out: string | undefined;
  readonly failOn: 'flag' | 'alert' | undefined;
  readonly quiet: boolean;
}

/** Rows in the pipeline at once. */
const CONCURRENCY = 32;

interface Tally {
  rows: number;
  unreadable: number;
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

/** @returns exit code: 0 done, 1 something reached `failOn`, 2 rows could not be read */
export const scan = async (
  assessor: Pick<Assessor, 'assess'>,
  options: ScanOptions,
  terminal: Terminal,
): Promise<number> => {
  const tally: Tally = {
    rows: 0,
    unreadable: 0,
    decisions: new Map(),
    categories: new Map(),
    labels: new Map(),
    reasons: new Map(),
  };
  const total = await sizeOf(options.files);
  const sink = options.out === undefined ? undefined : createWriteStream(options.out);
  const bar =
    options.quiet || !terminal.interactive
      ? undefined
      : new SingleBar(
          {
            stream: terminal.err as NodeJS.WriteStream,
            format: '{bar} {percentage}% | {rows} traces | {eta_formatted} left',
          },
          Presets.shades_classic,
        );
  bar?.start(total, 0, { rows: 0 });

  const assessLine = async (line: FileLine): Promise<string | undefined> => {
    try {
      const payload = parse(line.text);
      const { verdict } = await assessor.assess({ payload, tenant: 'default', format: options.format });
      count(tally, payload, verdict);
      return JSON.stringify(verdict);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      tally.unreadable++;
      if (tally.unreadable <= 10) {
        const fields = error.errors.map((e) => ` ${e.path} ${e.message}`).join(';');
        terminal.err.write(
          `${printable(line.file)}:${line.number}: ${error.code}: ${printable(error.message)}${printable(fields)}\n`,
        );
      }
      return undefined;
    }
  };

  // Verdicts are written in the order of the rows, however they finish.
  const inHand: Promise<string | undefined>[] = [];
  const settleOldest = async (): Promise<void> => {
    const verdict = await inHand.shift();
    if (verdict !== undefined && sink !== undefined && !sink.write(`${verdict}\n`)) await once(sink, 'drain');
  };
  for (const file of options.files) {
    for await (const line of readLines(file, (bytes) => bar?.increment(bytes))) {
      tally.rows++;
      bar?.update({ rows: tally.rows });
      inHand.push(assessLine(line));
      if (inHand.length >= CONCURRENCY) await settleOldest();
    }
  }
  while (inHand.length > 0) await settleOldest();
  bar?.stop();
  if (sink !== undefined) {
    sink.end();
    await finished(sink);
  }
  terminal.out.write(`${report(tally)}\n\n`);
  return conclude(tally, options, terminal);
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CodedError('malformed_json', 'The line is not valid JSON', { cause });
  }
};

const conclude = (tally: Tally, { failOn }: ScanOptions, terminal: Terminal): number => {
  const alerts = tally.decisions.get('alert') ?? 0;
  const flags = (tally.decisions.get('flag') ?? 0) + alerts;
  const assessed = tally.rows - tally.unreadable;
  terminal.out.write(
    `Assessed ${assessed} of ${tally.rows} traces: ${flags} flagged, ${alerts} of them alerts; ${tally.unreadable} unreadable.\n`,
  );
  if (tally.unreadable > 0) return 2;
  return (failOn === 'alert' && alerts > 0) || (failOn === 'flag' && flags > 0) ? 1 : 0;
};
