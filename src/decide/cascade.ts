import { CANARY_TENANT, type JudgeOrder } from '../domain/judging.ts';
import { compareSeverity } from '../domain/taxonomy.ts';
import { isReadable, type Trace } from '../domain/trace.ts';
import type { Verdict } from '../domain/verdict.ts';
import { levelOf } from './decide.ts';
import type { Policy } from './policy.ts';

// Which traces the judge is asked about. Pure but for the draw, which comes from outside: nobody who sends traces may be
// able to tell which of them will be drawn.

/** Null where the cheap tiers' word is final. */
type Route = (trace: Trace, verdict: Verdict) => JudgeOrder | null;

/** Whoever waits goes first; high stakes go before a risk that is merely unsure, and the sample must not starve. */
const PRIORITIES = { category: 1, shadow: 0.5, canary: 0.5 } as const;

/** @param draw a number from 0 up to but not including 1, new at every call and not to be foreseen */
export const createRoute = (policy: Policy, draw: () => number): Route => {
  const { band, always, shadow } = policy.cascade;
  return (trace, verdict) => {
    // Nothing to read, nothing to ask.
    if (!trace.segments.some((s) => isReadable(s) && s.text.trim() !== '')) return null;
    // Not urgent, and never drawn: a test trace must not pass for traffic.
    if (trace.tenant === CANARY_TENANT) return { cause: 'canary', priority: PRIORITIES.canary, alertNow: false };
    const alertNow = isSevere(verdict, policy);
    const highStakes = verdict.findings.some((f) => always.includes(f.category) && levelOf(f, policy) !== 'clear');
    if (highStakes) return { cause: 'category', priority: PRIORITIES.category + verdict.risk, alertNow };
    if (verdict.risk > band.high) return null;
    if (verdict.risk >= band.low) return { cause: 'band', priority: verdict.risk, alertNow };
    return draw() < shadow ? { cause: 'shadow', priority: PRIORITIES.shadow, alertNow } : null;
  };
};

/** Whether an alert goes out at once: it is severe, or the judge could not take it back anyway. */
const isSevere = ({ findings }: Verdict, policy: Policy): boolean =>
  findings.some(
    (f) =>
      levelOf(f, policy) === 'alert' &&
      (f.detector.status === 'stable' || compareSeverity(f.severity, policy.cascade.alertAtOnce) >= 0),
  );
