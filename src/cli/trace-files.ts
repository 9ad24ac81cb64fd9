import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CodedError } from '../domain/errors.ts';
import { printable } from './terminal.ts';

// JSONL files, gzipped or not, read line by line in constant memory. A line longer than the service would take is counted
// and let go while it streams past: a few kilobytes of gzip can unpack to gigabytes without a newline.

export interface FileLine {
  readonly file: string;
  /** From 1. */
  readonly number: number;
  /** Without the newline; undefined where the line was too long to keep. */
  readonly bytes: Buffer | undefined;
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
