import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/domain/ids.ts';
import { isReadable } from '../../src/domain/trace.ts';
import { FORMAT_IDS, FORMATS } from '../../src/normalise/formats.ts';
import { normalise } from '../../src/normalise/normalise.ts';
import { openPosted } from '../../src/normalise/posted.ts';
import { SEALED } from './fixture.ts';
import { FIXTURES } from './fixtures/all.ts';
import { resolvePointer } from './pointer.ts';

const NOW = new Date('2026-06-01T00:00:00Z');

const shown = (payload: unknown) => {
  const trace = normalise({ payload, tenant: 'default' }, NOW);
  return trace.segments.map(({ kind, sourcePath, text, name, coverage }) => {
    const more = { ...(name === undefined ? {} : { name }), ...(coverage === 'full' ? {} : { coverage }) };
    return Object.keys(more).length === 0 ? [kind, sourcePath, text] : [kind, sourcePath, text, more];
  });
};

test('every format has fixtures', () => {
  expect([...new Set(FIXTURES.map(({ format }) => format))].sort()).toEqual([...FORMAT_IDS].sort());
});

test('fixtures have names of their own', () => {
  expect(new Set(FIXTURES.map(({ name }) => name)).size).toBe(FIXTURES.length);
});

describe.each(FIXTURES)('$name', (fixture) => {
  const { payload, format } = fixture;

  test('has the shape of its own format and of no other', () => {
    const { body } = openPosted(payload).posted;
    expect(FORMATS.filter((candidate) => candidate.detect(body)).map(({ id }) => id)).toEqual([format]);
  });

  test('is read whole and in order', () => {
    expect(shown(payload)).toEqual(fixture.segments);
  });

  test('reads the same when its format is declared', () => {
    const detected = normalise({ payload, tenant: 'default' }, NOW);
    expect(detected.format).toBe(format);
    expect(normalise({ payload, tenant: 'default', format }, NOW)).toEqual(detected);
  });

  test('points every segment at its text', () => {
    for (const segment of normalise({ payload, tenant: 'default' }, NOW).segments) {
      const source = resolvePointer(payload, segment.sourcePath);
      expect(source, segment.sourcePath).toBeDefined();
      if (typeof source === 'string' && isReadable(segment)) {
        const inner = JSON.stringify(segment.text).slice(1, -1);
        expect(source.includes(segment.text) || source.includes(inner) || source.includes('{')).toBe(true);
      }
      expect(segment.hash).toBe(sha256(segment.text));
    }
  });

  test('keeps no ciphertext and no signature', () => {
    expect(JSON.stringify(normalise({ payload, tenant: 'default' }, NOW))).not.toContain(SEALED.slice(0, 40));
  });

  test('tells model, usage, conversation and time', () => {
    const trace = normalise({ payload, tenant: 'default' }, NOW);
    if (fixture.model) expect([trace.model.provider, trace.model.name]).toEqual(fixture.model);
    if (fixture.usage) expect(trace.usage).toEqual(fixture.usage);
    expect(trace.conversationId).toBe(fixture.conversationId ?? trace.id);
    if (fixture.occurredAt) expect(trace.occurredAt.toISOString()).toBe(fixture.occurredAt);
  });

  test('reports what it did not read, and nothing else', () => {
    const { unread } = normalise({ payload, tenant: 'default' }, NOW);
    expect(unread.map(({ path }) => path)).toEqual(fixture.unread ?? []);
    expect(unread.every(({ bytes }) => bytes >= 200)).toBe(true);
  });
});
