import { Presets, SingleBar } from 'cli-progress';
import { CodedError } from '../domain/errors.ts';
import { parseJsonBytes } from '../domain/json-bytes.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Assessed, Assessor, Submission } from '../pipeline.ts';
import { printable, type Terminal } from './terminal.ts';
import { type FileLine, readRows, sizeOf } from './trace-files.ts';

// Files through the pipeline: what `scan`, `eval` and `calibrate` have in common. A row that cannot be read is named and
// counted, and the rest goes on; a file that cannot be read ends the run once the rows before the fault are done.

export interface FilesDeps {
  readonly assessor: Pick<Assessor, 'assess'>;
  readonly terminal: Terminal;
  /** As of the service: a longer line is not read. */
  readonly maxLineBytes: number;
}

export interface FilesWork<R> {
  readonly files: readonly string[];
  readonly quiet: boolean;
  /** Rows in the pipeline at once. Each has the detectors' deadline from its start, so more of them leaves each less. */
  readonly atOnce: number;
  /** What a row is to the command, and what of it the pipeline sees. @throws CodedError for a row that is not one */
  prepare(payload: unknown, line: FileLine): { readonly row: R; readonly submission: Submission };
  /** Called in the order of the rows. */
  take(row: R, verdict: Verdict, assessed: Assessed): Promise<void> | void;
}

export interface FilesTally {
  rows: number;
  unreadable: number;
}

/** Unreadable rows that are named; the rest is only counted. */
const NAMED = 10;

const startBar = (total: number, terminal: Terminal): SingleBar => {
  const format = '{bar} {percentage}% | {rows} traces | {eta_formatted} left';
  const bar = new SingleBar({ stream: terminal.err as NodeJS.WriteStream, format }, Presets.shades_classic);
  bar.start(total, 0, { rows: 0 });
  return bar;
};

const parse = ({ bytes, fault }: FileLine): unknown => {
  if (fault !== undefined) throw fault;
  if (bytes === undefined) throw new CodedError('body_too_large', 'The line is longer than MAX_BODY_BYTES');
  return parseJsonBytes(bytes);
};

/** @throws CodedError `unreadable_input` */
export const assessFiles = async <R>(
  { assessor, terminal, maxLineBytes }: FilesDeps,
  work: FilesWork<R>,
): Promise<FilesTally> => {
  const tally: FilesTally = { rows: 0, unreadable: 0 };
  const size = await sizeOf(work.files);
  const bar = work.quiet || !terminal.interactive ? undefined : startBar(size, terminal);

  const refuse = (line: FileLine, error: unknown): void => {
    if (!(error instanceof CodedError)) throw error;
    tally.unreadable++;
    if (tally.unreadable > NAMED) return;
    const fields = error.errors.map((e) => ` ${e.path} ${e.message}`).join(';');
    const what = printable(`${error.message}${fields}`);
    terminal.err.write(`${printable(line.file)}:${line.number}: ${error.code}: ${what}\n`);
  };

  const assess = async (line: FileLine): Promise<() => Promise<void> | void> => {
    try {
      const { row, submission } = work.prepare(parse(line), line);
      const assessed = await assessor.assess(submission);
      return () => work.take(row, assessed.verdict, assessed);
    } catch (error) {
      return () => refuse(line, error);
    }
  };

  const inHand: Promise<() => Promise<void> | void>[] = [];
  const settleOldest = async (): Promise<void> => (await inHand.shift())?.();
  const settleAll = async (): Promise<void> => {
    while (inHand.length > 0) await settleOldest();
  };
  try {
    for (const file of work.files) {
      for await (const line of readRows(file, { maxLineBytes, onBytes: (bytes) => bar?.increment(bytes) })) {
        tally.rows++;
        bar?.update({ rows: tally.rows });
        inHand.push(assess(line));
        if (inHand.length >= work.atOnce) await settleOldest();
      }
    }
  } catch (error) {
    if (error instanceof CodedError && error.code === 'unreadable_input') await settleAll();
    throw error;
  } finally {
    bar?.stop();
  }
  await settleAll();
  return tally;
};
