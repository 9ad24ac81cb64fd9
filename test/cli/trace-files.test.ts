import { truncateSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FileLine, readLines, sizeOf } from '../../src/cli/trace-files.ts';
import { makeFolder, writeRows } from './fixture.ts';

const read = async (file: string, maxLineBytes = 1000): Promise<{ lines: FileLine[]; bytes: number }> => {
  const lines: FileLine[] = [];
  let bytes = 0;
  const onBytes = (n: number): void => {
    bytes += n;
  };
  for await (const line of readLines(file, { maxLineBytes, onBytes })) lines.push(line);
  return { lines, bytes };
};

const textsOf = (lines: readonly FileLine[]): (string | undefined)[] => lines.map((l) => l.bytes?.toString());

const writeText = (text: string | Buffer, name = 'a.jsonl'): string => {
  const path = join(makeFolder(), name);
  writeFileSync(path, text);
  return path;
};

describe('reading lines', () => {
  test('numbers lines as an editor does and passes over blank ones', async () => {
    const { lines } = await read(writeText('one\n\n  \t\r\nfour\r\nfive'));
    expect(lines.map((l) => [l.number, l.bytes?.toString().trim()])).toEqual([
      [1, 'one'],
      [4, 'four'],
      [5, 'five'],
    ]);
  });

  test('unpacks what is named .gz, also in several members, and counts the bytes on disk', async () => {
    const file = writeText(Buffer.concat([gzipSync('a\nb'), gzipSync('c\nd\n')]), 'a.jsonl.gz');
    const { lines, bytes } = await read(file);
    expect(textsOf(lines)).toEqual(['a', 'bc', 'd']);
    expect(bytes).toBe((await stat(file)).size);
  });

  test('finds nothing in an empty file, packed or not', async () => {
    expect((await read(writeText(''))).lines).toEqual([]);
    expect((await read(writeText(gzipSync(''), 'a.gz'))).lines).toEqual([]);
  });

  test('gives back whatever lines were written, across the borders of chunks', async () => {
    const line = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((s) => !/[\n\r]|^\s*$/.test(s));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 20 }), fc.integer({ min: 0, max: 1 }), async (texts, last) => {
        // Before them, a line that ends just about where the first chunk of 64 KiB does.
        const first = 'x'.repeat(65_530);
        const file = writeText([first, ...texts].join('\n') + '\n'.repeat(last));
        expect(textsOf((await read(file, 100_000)).lines)).toEqual([first, ...texts]);
      }),
      { numRuns: 20 },
    );
  });

  test('lets a line go that is too long, and reads the next', async () => {
    const { lines } = await read(writeText(`${'x'.repeat(200_000)}\nshort\n${'y'.repeat(1001)}`));
    expect(lines.map((l) => [l.number, l.bytes?.toString()])).toEqual([
      [1, undefined],
      [2, 'short'],
      [3, undefined],
    ]);
  });

  test('keeps a line of just the permitted length', async () => {
    expect(textsOf((await read(writeText(`${'x'.repeat(1000)}\n`))).lines)).toEqual(['x'.repeat(1000)]);
  });
});

describe('a broken file', () => {
  const collect = async (file: string): Promise<{ lines: string[]; error: unknown }> => {
    const lines: string[] = [];
    try {
      for await (const line of readLines(file, { maxLineBytes: 1000, onBytes: () => undefined })) {
        lines.push(String(line.bytes));
      }
    } catch (error) {
      return { lines, error };
    }
    return { lines, error: undefined };
  };

  test('that is not gzip is named, with a code', async () => {
    const { error } = await collect(writeText('plain text', 'a.gz'));
    expect(error).toMatchObject({ code: 'unreadable_input', message: expect.stringMatching(/a\.gz.*Z_DATA_ERROR/) });
  });

  test('that is cut gives the lines before the cut, then says so', async () => {
    const random = Array.from({ length: 400 }, (_, i) => `${Math.sin(i)}`.repeat(10));
    const file = writeText(gzipSync(random.join('\n')), 'cut.gz');
    truncateSync(file, Math.floor((await stat(file)).size / 2));
    const { lines, error } = await collect(file);
    expect(lines.length).toBeGreaterThan(10);
    expect(lines).toEqual(random.slice(0, lines.length));
    expect(error).toMatchObject({ code: 'unreadable_input', message: expect.stringContaining(`line ${lines.length}`) });
  });

  test('that went away is named, with a code', async () => {
    expect((await collect(join(makeFolder(), 'gone'))).error).toMatchObject({ code: 'unreadable_input' });
  });

  test('may be left in the middle without a failure behind it', async () => {
    for await (const line of readLines(writeRows(Array(5000).fill('{}'), 'a.jsonl.gz'), {
      maxLineBytes: 10,
      onBytes: () => undefined,
    })) {
      if (line.number === 2) break;
    }
  });
});

describe('sizes', () => {
  test('add up', async () => {
    expect(await sizeOf([writeText('12345'), writeText('123')])).toBe(8);
  });

  test('refuse what is not there, and a folder', async () => {
    const folder = makeFolder();
    await expect(sizeOf([join(folder, 'gone')])).rejects.toMatchObject({ code: 'unreadable_input' });
    await expect(sizeOf([folder])).rejects.toMatchObject({ message: expect.stringContaining('is a directory') });
  });

  test('no name of a file smuggles escape sequences into a message', async () => {
    await expect(sizeOf(['/gone/\u001b[2J'])).rejects.toMatchObject({ message: expect.not.stringContaining('\u001b') });
  });
});
