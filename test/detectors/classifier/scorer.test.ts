import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EncoderScores } from '../../../src/detectors/classifier/result.ts';
import { createEncoderScorer, type EncoderScorer } from '../../../src/detectors/classifier/scorer.ts';
import { sha256 } from '../../../src/domain/ids.ts';
import type { Trace } from '../../../src/domain/trace.ts';
import { trace } from '../../support/traces.ts';
import { modelFolder } from './heads.ts';

let scorer: EncoderScorer;
beforeAll(async () => {
  scorer = await createEncoderScorer({ threads: 1 });
});
afterAll(() => scorer.close());

const soon = (): number => Date.now() + 60_000;
const score = (subject: Trace): Promise<EncoderScores> => scorer.score(subject, soon());

const PLAN = 'I know that the total is wrong, but nobody checks it, so the report will say that it was verified.';
const PLAIN = 'First I read the file, then I add the missing test, and at the end I run all of them again.';

describe('the scorer', () => {
  it('scores the views that the shipped model has heads for', async () => {
    const subject = trace(
      ['user', 'Mend it.'],
      ['reasoning', `${PLAN}\n${PLAIN}`],
      ['tool_call', 'npm test'],
      ['answer', 'All is verified.'],
    );
    const { views, unjudged } = await score(subject);
    expect(Object.keys(views).toSorted()).toEqual(['reasoning']);
    expect(unjudged).toEqual({});
    expect(views.reasoning!.windows[0]).toMatchObject({ segment: 1, start: 0 });
    for (const view of Object.values(views)) {
      expect(view.probability).toBeGreaterThan(0);
      expect(view.probability).toBeLessThan(1);
    }
  });

  it('scores a window the same alone and among others, to the last bit', async () => {
    const text = `${PLAN.repeat(5).slice(0, 450)}.\n`;
    const alone = await score(trace(['reasoning', text]));
    const among = await score(trace(['reasoning', `${text}${'😀∑ x=3; '.repeat(300)}\n${text}`]));
    const [window] = alone.views.reasoning!.windows;
    expect(among.views.reasoning!.windows[0]).toEqual(window);
  });

  it.each(['encrypted', 'redacted', 'omitted'] as const)('never reads %s segments', async (coverage) => {
    expect((await score(trace(['reasoning', PLAN, { coverage }]))).views).toEqual({});
  });

  it('reads a trace whole within its budget, whatever it holds', async () => {
    const hostile = [
      'x'.repeat(10_000_000),
      '\u0000'.repeat(1000),
      '\ud800😀\udc00'.repeat(500),
      '__proto__ '.repeat(50),
    ];
    const { coverage, timedOut } = await score(trace(...hostile.map((text) => ['reasoning', text] as const)));
    expect(coverage.chosen).toBe(24);
    expect([coverage.scored, timedOut]).toEqual([24, false]);
  });

  it('answers where the deadline has passed, with nothing judged', async () => {
    const late = await scorer.score(trace(['reasoning', PLAN]), Date.now() - 1);
    expect(late).toMatchObject({ views: {}, unjudged: { reasoning: 'timeout' }, timedOut: true });
  });

  it('gives each of many traces at once its own scores', async () => {
    const wanted = await Promise.all([PLAN, PLAIN].map((text) => score(trace(['reasoning', text]))));
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, i) => score(trace(['reasoning', [PLAN, PLAIN][i % 2]!]))),
    );
    expect(all).toEqual(all.map((_, i) => wanted[i % 2]));
    expect(wanted[0]).not.toEqual(wanted[1]);
  });

  it('keeps its memory over 200 traces', async () => {
    const subject = (i: number) => trace(['reasoning', `${i} ${PLAN} `.repeat(1 + (i % 7))]);
    for (let i = 0; i < 50; i++) await score(subject(i));
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 200; i++) await score(subject(i));
    expect(process.memoryUsage().rss - before).toBeLessThan(64e6);
  });
});

describe('the start and the end', () => {
  it('names version and content of the model it runs', async () => {
    expect(scorer.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(scorer.hash.startsWith(scorer.version)).toBe(true);
  });

  it("runs an operator's folder in the place of the shipped one", async () => {
    const folder = modelFolder((head) => ({ ...head, heads: head.heads.map((h) => ({ ...h, bias: h.bias + 1 })) }));
    const other = await createEncoderScorer({ folder, threads: 1 });
    const [theirs, ours] = await Promise.all([other, scorer].map((s) => s.score(trace(['reasoning', PLAN]), soon())));
    expect(theirs!.views.reasoning!.pooled).toBeCloseTo(ours!.views.reasoning!.pooled + 1, 6);
    expect(other.hash).not.toBe(scorer.hash);
    await other.close();
  });

  it('fails with the file at fault where the encoder is listed but is no graph', async () => {
    const bytes = Buffer.from('not a graph');
    const folder = modelFolder((head) => ({
      ...head,
      files: { ...head.files, 'encoder.int8.onnx': { bytes: bytes.length, sha256: sha256(bytes) } },
    }));
    writeFileSync(join(folder, 'encoder.int8.onnx'), bytes);
    await expect(createEncoderScorer({ folder, threads: 1 })).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('encoder.int8.onnx'),
    });
  });

  it('leaves no thread behind: a process that closes it ends by itself', () => {
    const module = new URL('../../../src/detectors/classifier/scorer.ts', import.meta.url).href;
    const code = `import { createEncoderScorer } from ${JSON.stringify(module)};
      const scorer = await createEncoderScorer({ threads: 2 });
      await scorer.close();
      console.log('closed');`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
    expect(output.trim()).toBe('closed');
  });
});
