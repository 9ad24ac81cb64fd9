import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CodedError } from '../domain/errors.ts';

// JSONL files, gzipped or not, read line by line in constant memory.

export interface FileLine {
  readonly file: string;
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** Bytes on disk, for a progress bar. @throws CodedError `unreadable_input` */
export const sizeOf = async (files: readonly string[]): Promise<number> => {
  let total = 0;
  for (const file of files) {
    try {
      total += (await stat(file)).size;
    } catch (cause) {
      throw new CodedError('unreadable_input', `${file} cannot be read (${(cause as NodeJS.ErrnoException).code})`, {
        cause,
      });
    }
  }
  return total;
};

/**
 * @param onBytes told how many bytes of the file itself were read
 * @throws CodedError `unreadable_input` naming the file, also where a gzip stream is cut or broken
 */
export async function* readLines(file: string, onBytes: (bytes: number) => void): AsyncGenerator<FileLine> {
  const meter = new Transform({
    transform: (chunk: Buffer, _, done) => {
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  const source = createReadStream(file);
  const flow = file.endsWith('.gz') ? [source, meter, createGunzip()] : [source, meter];
  const last = flow.at(-1) as Transform;
  const failed = pipeline(flow as [typeof source, Transform]).then(
    () => undefined,
    (error: unknown) => error,
  );
  let number = 0;
  try {
    for await (const text of createInterface({ input: last, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++;
      if (text.trim() !== '') yield { file, number, text };
    }
  } catch (cause) {
    throw unreadable(file, number, cause);
  }
  const cause = await failed;
  if (cause !== undefined) throw unreadable(file, number, cause);
}

const unreadable = (file: string, number: number, cause: unknown): CodedError =>
  new CodedError(
    'unreadable_input',
    `${file} is broken after line ${number} (${(cause as NodeJS.ErrnoException).code})`,
    { cause },
  );
