import { describe, expect, test } from 'vitest';
import { backtestAnswerSchema } from '../../../src/http/schemas/backtest.ts';
import { sampleFinding, startFixture } from '../fixture.ts';

const body = { policy: { thresholds: { flag: 0.6 } }, from: '2026-11-01T00:00:00Z', to: '2026-11-24T00:00:00Z' };
const post = (payload: object) => ({ method: 'POST', url: '/v1/backtests', payload }) as const;
const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('backtests over REST', () => {
  test('tell how far they have come, and last what would change, by id and without text', async () => {
    const { app, accesses } = await startFixture();
    const answer = await app.inject(post(body));
    expect(answer.statusCode).toBe(200);
    const lines = linesOf(answer.payload);
    for (const line of lines) expect(backtestAnswerSchema.parse(line)).toEqual(line);
    expect(lines.map(({ event }) => event)).toEqual(['progress', 'report']);
    expect(lines.at(-1)).toMatchObject({
      verdicts: 2,
      changed: 2,
      complete: true,
      policy: { current: 'a', candidate: 'b' },
      changes: [{ was: 'alert', now: 'clear', count: 2, examples: ['t-1', 't-2'] }],
    });
    expect(answer.payload).not.toContain(sampleFinding.evidence[0]!.quote);
    expect(accesses).toMatchObject([{ what: 'backtest', action: 'view', details: { policy: 'b', from: body.from } }]);
  });

  test('end at their limit, and say that there was more', async () => {
    const { app } = await startFixture();
    const lines = linesOf((await app.inject(post({ ...body, limit: 1 }))).payload);
    expect(lines).toMatchObject([{ event: 'report', verdicts: 1, complete: false }]);
  });

  test('a store that fails half-way ends them with a problem, never with a report', async () => {
    const { deps } = await startFixture();
    let pages = 0;
    const storedVerdicts: typeof deps.store.storedVerdicts = async (...query) => {
      if (pages++ > 0) throw new Error('down');
      return deps.store.storedVerdicts(...query);
    };
    const { app } = await startFixture({ store: { ...deps.store, storedVerdicts } });
    const lines = linesOf((await app.inject(post(body))).payload);
    expect(lines.map(({ event }) => event)).toEqual(['progress', 'problem']);
  });

  test.each([
    [{ ...body, policy: { broken: 1 } }, '/policy/broken'],
    [{ ...body, policy: 'x' }, '/policy'],
    [{ ...body, to: body.from }, '/to'],
    [{ ...body, from: 'yesterday' }, '/from'],
    [{ ...body, limit: 0 }, '/limit'],
    [{ ...body, surprise: 1 }, ''],
  ])('a body that is wrong is named: %j', async (payload, path) => {
    const { app, accesses } = await startFixture();
    const answer = await app.inject(post(payload));
    expect(answer.statusCode).toBe(400);
    expect(answer.json().code).toBe('invalid_body');
    expect(answer.json().errors[0].path).toContain(path);
    expect(accesses).toEqual([]);
  });
});
