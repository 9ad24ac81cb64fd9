import fc from 'fast-check';
import { expect, test } from 'vitest';
import { problemSchema } from '../../src/http/schemas/problem.ts';
import { startFixture } from './fixture.ts';

const CANARY = 'canary';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constant(CANARY),
  fc.constantFrom('\u0000', '\ud800', '__proto__'),
);

const body = fc.oneof(
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  fc.json().map((json) => Buffer.from(json)),
  fc.json().map((json) => Buffer.from(json.slice(0, -1))),
  fc
    .record({ segments: fc.array(fc.record({ kind: text, text })), __proto__: fc.anything() })
    .map((trace) => Buffer.from(JSON.stringify(trace) ?? '')),
  fc.nat(200).map((depth) => Buffer.from('['.repeat(depth) + ']'.repeat(depth))),
);

const word = fc.oneof(fc.constantFrom('mode', 'judge', 'format', 'sync', 'async', 'auto', '__proto__'), text);
const query = fc
  .array(fc.tuple(word, word), { maxLength: 3 })
  .map((pairs) => pairs.map(([key, value]) => `${escaped(key)}=${escaped(value)}`).join('&'));
const escaped = (value: string): string => encodeURIComponent(value.toWellFormed());

const type = fc.oneof(
  { weight: 4, arbitrary: fc.constant('application/json') },
  { weight: 1, arbitrary: fc.constantFrom('text/plain', 'application/json; charset=x', ';', 'application/json;', '') },
);

test('whatever is posted is answered below 500, by the verdict or a problem that quotes nothing', async () => {
  const { app, submissions } = await startFixture();
  await fc.assert(
    fc.asyncProperty(body, query, type, async (bytes, search, contentType) => {
      const before = submissions.length;
      const answer = await app.inject({
        method: 'POST',
        url: `/v1/monitor?${search}`,
        headers: { 'content-type': contentType },
        body: bytes,
      });
      expect(answer.statusCode).toBeLessThan(500);
      if (answer.statusCode < 300) {
        expect(submissions).toHaveLength(before + 1);
        return;
      }
      expect(submissions).toHaveLength(before);
      problemSchema.parse(answer.json());
      // A parameter's name may stand in the answer, its value and the body may not.
      if (!search.includes(`${CANARY}=`)) expect(answer.body).not.toContain(CANARY);
    }),
    { numRuns: 400 },
  );
  expect(Object.hasOwn(Object.prototype, CANARY)).toBe(false);
});
