import type { Readable } from 'node:stream';

// Lines of a body that comes in pieces. What is held is one unfinished line, and never more of it than a line may have.

export interface Line {
  /** From 1, blank lines counted. */
  readonly number: number;
  /** Without the line break; null where the line was longer than allowed: it was dropped as it came. */
  readonly bytes: Buffer | null;
}

const NEWLINE = 0x0a;

const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

/** Lines that are not blank, in order. The source is not destroyed where the reader stops early. */
export async function* readLines(source: Readable, maxBytes: number): AsyncGenerator<Line, void, undefined> {
  let number = 1;
  let held: Buffer[] = [];
  let size = 0;

  const add = (piece: Buffer): void => {
    size += piece.length;
    if (size <= maxBytes) held.push(piece);
    else held = [];
  };
  const close = (): Line | undefined => {
    const bytes = held.length === 1 ? held[0]! : Buffer.concat(held);
    const line = size > maxBytes ? { number, bytes: null } : isBlank(bytes) ? undefined : { number, bytes };
    number++;
    held = [];
    size = 0;
    return line;
  };

  for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, at));
      from = at + 1;
      const line = close();
      if (line !== undefined) yield line;
    }
    if (from < chunk.length) add(chunk.subarray(from));
  }
  const last = size === 0 ? undefined : close();
  if (last !== undefined) yield last;
}
