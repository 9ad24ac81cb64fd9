import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLines } from '../../src/http/lines.ts';

const lines = async (pieces: readonly Buffer[], maxBytes = 100): Promise<[number, string | null][]> => {
  const read: [number, string | null][] = [];
  for await (const { number, bytes } of readLines(Readable.from(pieces), maxBytes)) {
    read.push([number, bytes?.toString() ?? null]);
  }
  return read;
};
const of = (...texts: string[]) => texts.map((text) => Buffer.from(text));

describe('lines', () => {
  test('are the same however the bytes came', async () => {
    const body = Buffer.from('{"a":"é"}\n\n \r\n{"b":2}\r\n[3]');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(body.length), { maxLength: 12 }), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), body.length];
        const pieces = at.slice(1).map((end, i) => body.subarray(at[i], end));
        expect(await lines(pieces)).toEqual([
          [1, '{"a":"é"}'],
          [4, '{"b":2}\r'],
          [5, '[3]'],
        ]);
      }),
    );
  });

  test('that are too long are dropped as they come, and the next one is read', async () => {
    expect(await lines(of('1234', '5678', '9\nab', 'c\n', '123456789'), 8)).toEqual([
      [1, null],
      [2, 'abc'],
      [3, null],
    ]);
    expect(await lines(of('12345678\n'), 8)).toEqual([[1, '12345678']]);
  });

  test('of an empty body are none', async () => {
    expect(await lines([])).toEqual([]);
    expect(await lines(of('\n\n'))).toEqual([]);
  });
});
