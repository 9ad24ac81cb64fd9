import { Presets, SingleBar } from 'cli-progress';
import { CodedError } from '../domain/errors.ts';
import { parseJsonBytes } from '../domain/json-bytes.ts';
import { isReadable, type Trace } from '../domain/trace.ts';
import type { Versions } from '../domain/verdict.ts';
import type { Assessed, Submission } from '../pipeline.ts';
import { createRandom, type Random } from '../report/statistics/random.ts';
import type { FilesDeps } from './assess-files.ts';
import { LABELLED_AT_ONCE } from './eval.ts';
import { createDigests, type LabelledRow, type Risk, readLabelled, type ScoredRow, scoreRow } from './eval-rows.ts';
import { showTables } from './eval-text.ts';
import { type OutputFile, openOptional } from './output-file.ts';
import { ATTACKS, type Piece } from './stress/attacks.ts';
import { CHEAP_TIERS, type Pair, reportOn, thresholdsOf } from './stress/measure.ts';
import { type StressReport, stressConclusion, stressMarkdown, stressPage, stressTables } from './stress/report.ts';
import { printable, type Terminal } from './terminal.ts';
import { readRows } from './trace-files.ts';

// `stress`: labelled traces through the production pipeline, as they are and tampered with in every way we know of.
// docs/stress.md shows what came of it.

export interface StressOptions {
  readonly files: readonly string[];
  /** Names of attacks. */
  readonly attacks: readonly string[];
  readonly seed: number;
  /** Most rows of each class, drawn by the seed; undefined: all. */
  readonly sample: number | undefined;
  readonly fpr: number;
  readonly out: string | undefined;
  readonly html: string | undefined;
  readonly markdown: string | undefined;
}

export interface StressDeps extends FilesDeps {
  readonly risk: Risk;
}

interface Labelled {
  readonly row: LabelledRow;
  readonly submission: Submission;
}

interface Plain {
  readonly row: LabelledRow;
  readonly trace: Trace;
  readonly scored: ScoredRow;
  readonly versions: Versions;
}

const readAll = async (deps: FilesDeps, files: readonly string[]) => {
  const { terminal, maxLineBytes } = deps;
  const digests = createDigests();
  const rows: Labelled[] = [];
  let unreadable = 0;
  for (const file of files) {
    for await (const line of readRows(file, { maxLineBytes, onBytes: () => undefined })) {
      try {
        if (line.fault !== undefined) throw line.fault;
        if (line.bytes === undefined) throw new CodedError('body_too_large', 'The line is longer than MAX_BODY_BYTES');
        digests.add(line);
        rows.push(readLabelled(parseJsonBytes(line.bytes), line));
      } catch (error) {
        if (!(error instanceof CodedError)) throw error;
        unreadable++;
        const where = `${printable(line.file)}:${line.number}`;
        terminal.err.write(`${where}: ${error.code}: ${printable(error.message)}\n`);
      }
    }
  }
  return { rows, unreadable, digests };
};

/** Fisher and Yates, as far as is needed. */
const draw = <T>(list: readonly T[], most: number | undefined, random: Random): T[] => {
  if (most === undefined || list.length <= most) return [...list];
  const left = [...list];
  for (let i = 0; i < most; i++) {
    const j = i + Math.floor(random() * (left.length - i));
    [left[i], left[j]] = [left[j]!, left[i]!];
  }
  return left.slice(0, most);
};

const barFor = ({ err, interactive }: Terminal, total: number) => {
  const format = '{bar} {percentage}% | {value} of {total} traces | {eta_formatted} left';
  const bar = interactive
    ? new SingleBar({ stream: err as NodeJS.WriteStream, format }, Presets.shades_classic)
    : undefined;
  bar?.start(total, 0);
  return { step: () => bar?.increment(), stop: () => bar?.stop() };
};

/** In order, so many at once. */
const mapSome = async <A, B>(list: readonly A[], work: (item: A) => Promise<B>): Promise<B[]> => {
  const results: B[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < list.length; at = next++) results[at] = await work(list[at]!);
  };
  await Promise.all(Array.from({ length: LABELLED_AT_ONCE }, worker));
  return results;
};

const piecesOf = ({ segments }: Trace): Piece[] =>
  segments
    .filter((segment) => isReadable(segment) && segment.text !== '')
    .map(({ kind, name, text }) => (name === undefined ? { kind, text } : { kind, name, text }));

/** @returns exit code: 0, or 2 where rows could not be read or there is nothing to stress */
export const stress = async (deps: StressDeps, options: StressOptions): Promise<number> => {
  const opened: (OutputFile | undefined)[] = [];
  const open = async (path: string | undefined): Promise<OutputFile | undefined> => {
    const file = await openOptional(path, options.files);
    opened.push(file);
    return file;
  };
  try {
    const [json, html, markdown] = [
      await open(options.out),
      await open(options.html),
      await open(options.markdown),
    ] as const;
    const { report, unreadable } = await attackAll(deps, options);
    if (report === undefined) {
      deps.terminal.err.write('There is no positive row with reasoning in these files.\n');
      return 2;
    }
    await json?.write(`${JSON.stringify(report, null, 2)}\n`);
    await html?.write(stressPage(report));
    await markdown?.write(stressMarkdown(report));
    deps.terminal.out.write(`${showTables(stressTables(report))}\n\n${stressConclusion(report)}\n`);
    return unreadable > 0 ? 2 : 0;
  } finally {
    for (const file of opened) await file?.close();
  }
};

const attackAll = async (deps: StressDeps, options: StressOptions) => {
  const { assessor, risk, terminal } = deps;
  const { rows, unreadable, digests } = await readAll(deps, options.files);
  const random = createRandom(options.seed);
  const chosen = [true, false].flatMap((positive) =>
    draw(
      rows.filter(({ row }) => row.positive === positive),
      options.sample,
      random,
    ),
  );
  const attacks = ATTACKS.filter(({ name }) => options.attacks.includes(name));
  const bar = barFor(terminal, chosen.length * (attacks.length + 1));
  const score = (row: LabelledRow, assessed: Assessed): ScoredRow => scoreRow(row, assessed, risk);
  try {
    const plain = await mapSome(chosen, async ({ row, submission }): Promise<Plain> => {
      const assessed = await assessor.assess(submission);
      bar.step();
      return { row, trace: assessed.trace, scored: score(row, assessed), versions: assessed.verdict.versions };
    });
    const scored = plain.map((p) => p.scored);
    if (!scored.some(({ positive }) => positive)) return { report: undefined, unreadable };
    const thresholds = thresholdsOf(scored, CHEAP_TIERS, options.fpr);
    const untouched = scored.map((row): Pair => ({ plain: row, attacked: row }));
    const reports = [reportOn('none', untouched, CHEAP_TIERS, thresholds)];
    for (const attack of attacks) {
      const place = ATTACKS.indexOf(attack) + 1;
      const pairs = await mapSome([...plain.entries()], async ([at, { row, trace, scored }]): Promise<Pair | null> => {
        // Of its own for each row and attack: leaving one attack out changes no other.
        const pieces = attack.apply(piecesOf(trace), createRandom(options.seed + 7_919 * at + 104_729 * place));
        bar.step();
        if (pieces === undefined) return null;
        const payload = { segments: pieces };
        const assessed = await assessor.assess({ payload, tenant: 'default', format: 'canonical' });
        return { plain: scored, attacked: score(row, assessed) };
      });
      const applied = pairs.filter((pair) => pair !== null);
      if (applied.some((pair) => pair.plain.positive)) {
        reports.push(reportOn(attack.name, applied, CHEAP_TIERS, thresholds));
      }
    }
    const report: StressReport = {
      seed: options.seed,
      maxFpr: options.fpr,
      positives: scored.filter(({ positive }) => positive).length,
      negatives: scored.filter(({ positive }) => !positive).length,
      thresholds,
      attacks: reports,
      files: digests.list(),
      versions: plain[0]?.versions ?? null,
    };
    return { report, unreadable };
  } finally {
    bar.stop();
  }
};
