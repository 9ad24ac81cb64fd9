import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { readEvalLog, ZIP_SUFFIX } from '../archive/eval-log.ts';
import { CodedError } from '../domain/errors.ts';
import { parseJsonBytes } from '../domain/json-bytes.ts';
import { printable } from './terminal.ts';

// JSONL files, gzipped or not, read line by line in constant memory. A line longer than the service would take is counted
// and let go while it streams past: a few kilobytes of gzip can unpack to gigabytes without a newline.

export interface FileLine {
  readonly file: string;
  /** From 1. */
  readonly number: number;
  /** Without the newline; undefined where the line was too long to keep. */
  readonly bytes: Buffer | undefined;
  /** Why the row could not be had, where its file could. */
  readonly fault?: CodedError;
}

const NEWLINE = 0x0a;
const BLANK: ReadonlySet<number> = new Set([0x20, 0x09, 0x0d]);

const reasonOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? 'unknown';

/** Bytes on disk, for a progress bar. @throws CodedError `unreadable_input`, also for a directory */
export const sizeOf = async (files: readonly string[]): Promise<number> => {
  let total = 0;
  for (const file of files) {
    const stats = await stat(file).catch((cause: unknown) => {
      throw new CodedError('unreadable_input', `${printable(file)} cannot be read (${reasonOf(cause)})`, { cause });
    });
    if (stats.isDirectory()) throw new CodedError('unreadable_input', `${printable(file)} is a directory`);
    total += stats.size;
  }
  return total;
};

async function* splitLines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer | undefined> {
  let parts: Buffer[] = [];
  let size = 0;
  const add = (part: Buffer): void => {
    size += part.length;
    if (size > maxBytes) parts = [];
    else parts.push(part);
  };
  const take = (): Buffer | undefined => {
    const line = size > maxBytes ? undefined : Buffer.concat(parts);
    parts = [];
    size = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, at));
      yield take();
      from = at + 1;
    }
    add(chunk.subarray(from));
  }
  if (size > 0) yield take();
}

export interface ReadOptions {
  readonly maxLineBytes: number;
  /** Told how many bytes of the file itself were read. */
  onBytes(bytes: number): void;
}

/**
 * Lines that hold more than blanks, in order.
 * @throws CodedError `unreadable_input` naming the file, also where a gzip stream is cut or broken: after the lines
 * before the fault
 */
export async function* readLines(file: string, { maxLineBytes, onBytes }: ReadOptions): AsyncGenerator<FileLine> {
  const meter = new Transform({
    transform: (chunk: Buffer, _, done) => {
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  const source = createReadStream(file);
  const flow = file.endsWith('.gz') ? [source, meter, createGunzip()] : [source, meter];
  // A fault reaches the reader through the last stream, which the pipeline destroys with it.
  const finished = pipeline(flow as [typeof source, Transform]).catch(() => undefined);
  let number = 0;
  try {
    for await (const bytes of splitLines(flow.at(-1) as Transform, maxLineBytes)) {
      number++;
      if (bytes === undefined || bytes.some((byte) => !BLANK.has(byte))) yield { file, number, bytes };
    }
    await finished;
  } catch (cause) {
    const fault = `${printable(file)} is broken after line ${number} (${reasonOf(cause)})`;
    throw new CodedError('unreadable_input', fault, { cause });
  }
}

async function* readSamples(file: string, { maxLineBytes, onBytes }: ReadOptions): AsyncGenerator<FileLine> {
  let number = 0;
  try {
    for await (const { log } of readEvalLog(file, maxLineBytes)) {
      number++;
      if (log instanceof CodedError) yield { file, number, bytes: undefined, fault: log };
      else yield { file, number, bytes: log };
    }
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause;
    throw new CodedError('unreadable_input', `${printable(file)}: ${cause.message}`, { cause });
  }
  onBytes((await stat(file)).size);
}

/** The samples of an Inspect log that was written as JSON, each as a log of its own; undefined for any other document. */
const samplesIn = (document: unknown): readonly Buffer[] | undefined => {
  if (typeof document !== 'object' || document === null) return undefined;
  const { eval: about, samples } = document as { readonly eval?: unknown; readonly samples?: unknown };
  if (about === undefined || !Array.isArray(samples)) return undefined;
  return samples.map((sample) => Buffer.from(JSON.stringify({ eval: about, samples: [sample] })));
};

/** One document over many lines, or lines after all, as many files of that name hold. */
async function* readDocument(file: string, options: ReadOptions): AsyncGenerator<FileLine> {
  const { size } = await stat(file);
  const bytes = size > options.maxLineBytes ? undefined : await readFile(file);
  let document: unknown;
  try {
    document = bytes === undefined ? undefined : parseJsonBytes(bytes);
  } catch {
    document = undefined;
  }
  if (bytes === undefined || document === undefined) {
    yield* readLines(file, options);
    return;
  }
  options.onBytes(size);
  for (const [i, row] of (samplesIn(document) ?? [bytes]).entries()) yield { file, number: i + 1, bytes: row };
}

/**
 * The rows of a file: the samples of an Inspect log (`.eval`, `.json`), one document (`.json`), or lines.
 * @throws CodedError `unreadable_input` naming the file
 */
export const readRows = (file: string, options: ReadOptions): AsyncGenerator<FileLine> => {
  if (file.endsWith(ZIP_SUFFIX)) return readSamples(file, options);
  return file.endsWith('.json') ? readDocument(file, options) : readLines(file, options);
};
