import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CodedError, isCallerError } from '../../src/domain/errors.ts';
import { sha256 } from '../../src/domain/ids.ts';
import { isReadable, type Trace } from '../../src/domain/trace.ts';
import { FORMAT_IDS } from '../../src/normalise/formats.ts';
import { normalise } from '../../src/normalise/normalise.ts';
import { flatten, type Planted, plant } from './arbitraries/leaves.ts';
import { PAYLOADS } from './arbitraries.ts';
import { FIXTURES } from './fixtures/all.ts';
import { resolvePointer } from './pointer.ts';

const NOW = new Date('2026-06-01T00:00:00Z');

/** The trace, or null where the payload had nothing to read; anything but a caller's error fails the test. */
const attempt = (payload: unknown, format?: string): Trace | null => {
  try {
    return normalise({ payload, tenant: 'default', format }, NOW);
  } catch (error) {
    if (isCallerError(error)) return null;
    throw error;
  }
};

const expectSound = (trace: Trace, payload: unknown): void => {
  for (const [i, segment] of trace.segments.entries()) {
    expect(segment.index).toBe(i);
    expect(segment.hash).toBe(sha256(segment.text));
    expect(resolvePointer(payload, segment.sourcePath), segment.sourcePath).toBeDefined();
    if (!isReadable(segment)) expect(segment.text).toBe('');
    if (segment.name !== undefined) expect(segment.name.isWellFormed() && !/\p{Cc}/u.test(segment.name)).toBe(true);
  }
};

/** Whether the text stands where the segment says: as it is, or as the JSON of the object or string there. */
const standsAt = (text: string, source: unknown): boolean => {
  if (typeof source !== 'string') {
    return JSON.stringify(source, (key, value) => (key === 'encrypted_content' ? undefined : value)).includes(text);
  }
  if (source.includes(text)) return true;
  const parsed: unknown = JSON.parse(source);
  const inside = (value: unknown): boolean => {
    if (typeof value === 'string') return value.includes(text);
    if (typeof value !== 'object' || value === null) return false;
    return JSON.stringify(value) === text || Object.values(value).some(inside);
  };
  return inside(parsed);
};

const expectAllRead = ({ payload, texts, sealed }: Planted, format: string): void => {
  const trace = attempt(payload, format);
  if (trace === null) {
    expect(texts).toEqual([]);
    return;
  }
  expectSound(trace, payload);
  for (const mark of texts) {
    const holders = trace.segments.filter(({ text }) => text.includes(mark));
    expect(holders.length, mark).toBe(1);
    const { text, sourcePath } = holders[0]!;
    expect(standsAt(text, resolvePointer(payload, sourcePath)), sourcePath).toBe(true);
  }
  for (const mark of sealed) expect(trace.segments.some(({ text }) => text.includes(mark))).toBe(false);
  expect(trace.unread).toEqual([]);
};

test('every format has an arbitrary', () => {
  expect(Object.keys(PAYLOADS).sort()).toEqual([...FORMAT_IDS].sort());
});

describe.each(Object.entries(PAYLOADS))('%s', (format, arbitrary) => {
  test('reads every text once, at its place, and no ciphertext', () => {
    fc.assert(
      fc.property(arbitrary, (template) => expectAllRead(plant(template), format)),
      { numRuns: 300 },
    );
  });

  test('makes the same trace of a redelivery, whenever it comes', () => {
    fc.assert(
      fc.property(arbitrary, fc.date({ noInvalidDate: true }), (template, later) => {
        const { payload } = plant(template);
        const first = attempt(payload, format);
        if (first === null) return;
        const again = normalise({ payload: structuredClone(payload), tenant: 'default', format }, later);
        expect({ ...again, occurredAt: null }).toEqual({ ...first, occurredAt: null });
      }),
      { numRuns: 50 },
    );
  });
});

test('otel.genai: messages in strings of JSON are read like structures', () => {
  fc.assert(
    fc.property(PAYLOADS['otel.genai']!, (template) => {
      const { payload, texts, sealed } = plant(template);
      const asStrings = Object.fromEntries(
        Object.entries(payload as object).map(([key, value]) => [key, JSON.stringify(value)]),
      );
      expectAllRead({ payload: asStrings, texts, sealed }, 'otel.genai');
    }),
  );
});

test('openinference: flattened attributes are read like nested ones', () => {
  fc.assert(
    fc.property(PAYLOADS.openinference!, (template) => {
      const { payload, texts, sealed } = plant(template);
      expectAllRead({ payload: { attributes: flatten(payload) }, texts, sealed }, 'openinference');
    }),
  );
});

/** Every place of a value, by pointer. */
const places = (value: unknown, at: readonly string[] = []): (readonly string[])[] =>
  typeof value !== 'object' || value === null
    ? [at]
    : [at, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...at, key]))];

const replaced = (value: unknown, at: readonly string[], by: unknown): unknown => {
  const [key, ...rest] = at;
  if (key === undefined) return by;
  const copy: unknown[] | { [key: string]: unknown } = Array.isArray(value) ? [...value] : { ...(value as object) };
  Object.assign(copy, { [key]: replaced((value as { readonly [key: string]: unknown })[key], rest, by) });
  return copy;
};

const anyJson = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom<unknown>(
    JSON.parse('{"__proto__":{"text":"x"},"constructor":1,"toString":null}'),
    -0,
    1e308,
    [[[]]],
    [null],
  ),
);

test('a broken payload of any format is read or refused with a code, never a crash', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...FIXTURES),
      fc.nat(),
      anyJson,
      fc.option(fc.constantFrom(...FORMAT_IDS)),
      (fixture, where, value, format) => {
        const spots = places(fixture.payload);
        const payload = replaced(fixture.payload, spots[where % spots.length]!, value);
        const trace = attempt(payload, format ?? undefined);
        if (trace !== null) expectSound(trace, payload);
      },
    ),
    { numRuns: 4000 },
  );
});

test('anything at all is read or refused with a code', () => {
  fc.assert(
    fc.property(anyJson, fc.option(fc.constantFrom(...FORMAT_IDS)), (payload, format) => {
      const trace = attempt(payload, format ?? undefined);
      if (trace !== null) expectSound(trace, payload);
    }),
    { numRuns: 2000 },
  );
});

test('errors never carry text of the payload', () => {
  const secret = 'SECRET-THOUGHT';
  fc.assert(
    fc.property(
      fc.constantFrom(...FIXTURES),
      fc.nat(),
      fc.constantFrom<unknown>(secret, { a: secret }, [secret], 5),
      (fixture, where, value) => {
        const spots = places(fixture.payload);
        try {
          normalise(
            { payload: replaced(fixture.payload, spots[where % spots.length]!, value), tenant: 'default' },
            NOW,
          );
        } catch (error) {
          if (!(error instanceof CodedError)) throw error;
          expect(`${error.message}${JSON.stringify(error.errors)}`).not.toContain(secret);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
