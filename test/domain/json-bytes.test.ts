import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nestsDeeperThan, parseJsonBytes } from '../../src/domain/json-bytes.ts';
import { MAX_DEPTH } from '../../src/domain/limits.ts';

const parse = (text: string): unknown => parseJsonBytes(Buffer.from(text));
const codeOf = (bytes: Uint8Array): unknown => {
  try {
    parseJsonBytes(bytes);
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
};

const depthOf = (value: unknown): number =>
  typeof value !== 'object' || value === null ? 0 : 1 + Math.max(0, ...Object.values(value).map(depthOf));

describe('parseJsonBytes', () => {
  test('reads whatever JSON.parse reads, byte for byte', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('keeps NUL, escaped lone surrogates and control characters in text', () => {
    const text = '\u0000 \ud800 \u001b[2J \u2028';
    expect(parse(JSON.stringify({ text }))).toEqual({ text });
  });

  test('accepts a byte order mark', () => {
    expect(parse('\uFEFF{"a":1}')).toEqual({ a: 1 });
  });

  test.each([
    ['nothing', '', 'malformed_json'],
    ['a cut object', '{"a":', 'malformed_json'],
    ['two values', '{} {}', 'malformed_json'],
    ['a comment', '{/* */}', 'malformed_json'],
    ['NaN', 'NaN', 'malformed_json'],
    ['an unclosed string full of brackets', `"${'['.repeat(1_000)}`, 'malformed_json'],
    ['closing brackets before opening ones', `${']'.repeat(9)}${'['.repeat(1_000)}`, 'malformed_json'],
    ['a hundred thousand arrays', '['.repeat(100_000), 'too_deep'],
    ['a hundred thousand closed arrays', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'too_deep'],
    ['a hundred thousand objects', '{"a":'.repeat(100_000), 'too_deep'],
  ])('refuses %s', (_, text, code) => {
    expect(codeOf(Buffer.from(text))).toBe(code);
  });

  test.each([
    ['a stray continuation byte', [0x22, 0x80, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['a raw surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a cut sequence', [0x22, 0xe2, 0x82]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
  ])('refuses %s as invalid encoding', (_, bytes) => {
    expect(codeOf(Uint8Array.from(bytes))).toBe('invalid_encoding');
  });

  test('keeps __proto__ and constructor as plain data and touches no prototype', () => {
    const value = parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('says nothing of the bytes it refuses', () => {
    for (const text of ['{"a": canary}', '["canary"', '"canary']) {
      expect(() => parse(text)).toThrow(expect.objectContaining({ message: 'The body is not valid JSON.' }));
    }
  });
});

describe('nestsDeeperThan', () => {
  test('agrees with the depth of the parsed value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), fc.integer({ min: 0, max: 13 }), (value, limit) => {
        expect(nestsDeeperThan(JSON.stringify(value), limit)).toBe(depthOf(value) > limit);
      }),
    );
  });

  test('sees no bracket inside strings, however they are escaped', () => {
    const tricky = fc
      .array(fc.constantFrom('"', '\\', '[', '{', ']', '}', 'u005b', '\n'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(tricky, tricky, (key, text) => {
        const json = JSON.stringify({ [key]: [text] });
        expect(nestsDeeperThan(json, 2)).toBe(false);
        expect(nestsDeeperThan(json, 1)).toBe(true);
      }),
    );
  });

  test('allows exactly the limit', () => {
    const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect(nestsDeeperThan(nested(MAX_DEPTH), MAX_DEPTH)).toBe(false);
    expect(nestsDeeperThan(nested(MAX_DEPTH + 1), MAX_DEPTH)).toBe(true);
  });
});
