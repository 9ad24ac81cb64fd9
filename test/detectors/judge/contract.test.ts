import { expect, test } from 'vitest';
import type { Judge } from '../../../src/detectors/judge/contract.ts';
import { createScriptedJudge, judgeAnswer, SCRIPTED_PROMPT } from '../../support/scripted-judge.ts';
import { trace as traceOf } from '../../support/traces.ts';

const trace = traceOf(['reasoning', 'Two and two.']);

test('a judge answers with what it found, what it cost and which prompt it used', async () => {
  const refused = judgeAnswer({ kind: 'unjudged', reason: 'judge_refused' });
  const judge: Judge = createScriptedJudge(judgeAnswer({ kind: 'clear' }), refused);
  const request = { trace, tenant: 'acme', signal: AbortSignal.timeout(10_000) };
  expect(await judge.judge(request)).toMatchObject({ outcome: { kind: 'clear' }, prompt: SCRIPTED_PROMPT });
  expect((await judge.judge(request)).outcome).toEqual({ kind: 'unjudged', reason: 'judge_refused' });
});

test('a judgement that is called off rejects, and nothing else does', async () => {
  const judge: Judge = createScriptedJudge(judgeAnswer({ kind: 'clear' }));
  const gone = new Error('The lease is gone.');
  await expect(judge.judge({ trace, tenant: 'acme', signal: AbortSignal.abort(gone) })).rejects.toBe(gone);
});
