import { extname } from 'node:path';
import { isReadable, type Trace } from '../../domain/trace.ts';
import type { Detector } from '../contract.ts';
import { createThreadPool } from '../thread-pool.ts';
import { createCrossSignals } from './signals.ts';
import type { CompareTask, Comparison } from './task.ts';

// Contradictions between what the reasoning knows and what the answer says, sentence held against sentence: failures told
// as successes, doubt told as certainty, another result, a problem left out. Neither side need be suspicious alone.

export interface CrossDeps {
  readonly threads: number;
}

const taskOf = (trace: Trace, deadline: number): CompareTask => ({
  texts: trace.segments
    .filter((s) => isReadable(s) && s.text !== '' && s.kind !== 'system' && s.kind !== 'user')
    .map(({ index, kind, text, name }) => ({ segment: index, kind, text, ...(name === undefined ? {} : { name }) })),
  deadline,
});

export const createCross = ({ threads }: CrossDeps): Detector => {
  const signals = createCrossSignals();
  const worker = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url);
  const pool = createThreadPool<CompareTask, Comparison>(worker, threads);
  return {
    name: 'cross',
    version: signals.version,
    hash: signals.hash,
    detect: async (trace, { deadline }) => {
      const { signs, complete } = await pool.run(taskOf(trace, deadline));
      const findings = signs.map(({ signal, places }) =>
        signals.finding(trace, signal, { view: 'cross', stance: 'acted', places }),
      );
      if (findings.length > 0)
        return { kind: 'hit', findings, ...(complete ? {} : { incomplete: 'timeout' as const }) };
      return complete ? { kind: 'clear' } : { kind: 'unjudged', reason: 'timeout' };
    },
    close: () => pool.close(),
  };
};
