import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import { CANARY_TENANT } from '../domain/judging.ts';
import { SEGMENT_KINDS } from '../domain/trace.ts';
import type { CoverageReason, Verdict } from '../domain/verdict.ts';
import type { HealthSource } from '../observe/health.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';

// Canaries: traces whose answer is known, sent through the real path now and then. A monitor that has gone blind, or a
// judge that has been changed behind its name, answers every request and raises no error: only a known answer shows it.

const canarySchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,64}$/),
  expect: z.enum(['flagged', 'quiet']),
  segments: z.array(z.strictObject({ kind: z.enum(SEGMENT_KINDS), text: z.string().min(1) })).min(1),
});

export type Canary = z.output<typeof canarySchema>;

const FOLDER = join(import.meta.dirname, 'canaries');

/** The shipped ones. */
export const loadCanaries = (folder: string = FOLDER): readonly Canary[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => canarySchema.parse(parse(readFileSync(join(folder, name), 'utf8'), { maxAliasCount: 0 })));

export interface CanariesDeps {
  readonly canaries: readonly Canary[];
  readonly process: (
    submission: { readonly payload: unknown; readonly tenant: string },
    source: 'canary',
  ) => Promise<Verdict>;
  /** Unset where there is no judge: every verdict is final then. */
  readonly waitForFinal:
    | ((tenant: string, traceId: string, signal: AbortSignal) => Promise<Verdict | null>)
    | undefined;
  readonly intervalMs: number;
  readonly metrics: Pick<Metrics, 'set'>;
  readonly log: Logger;
  readonly clock: Clock;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

export interface Canaries {
  readonly health: HealthSource;
  start(): void;
  stop(): Promise<void>;
}

/** Time for the service to settle. */
const FIRST_RUN_MS = 30_000;

const JUDGE_FAILURES: readonly CoverageReason[] = ['judge_refused', 'judge_error', 'over_budget', 'timeout'];

/** Why a verdict is not what was expected, or null where it is. */
export const complaintOf = ({ expect }: Pick<Canary, 'expect'>, verdict: Verdict | null): string | null => {
  if (verdict === null || verdict.status === 'provisional') return 'not judged in time';
  const failure = verdict.assessment.reasons.find((reason) => JUDGE_FAILURES.includes(reason));
  if (failure !== undefined) return failure;
  const flagged = verdict.decision === 'flag' || verdict.decision === 'alert';
  if (flagged !== (expect === 'flagged')) return expect === 'flagged' ? 'not flagged' : 'flagged';
  // Rules alone would have flagged it: the judge has to see it too.
  const judged = verdict.versions.prompt !== null;
  const seen = verdict.findings.some(({ detector }) => detector.name === 'judge');
  return judged && expect === 'flagged' && !seen ? 'not found by the judge' : null;
};

export const createCanaries = (deps: CanariesDeps): Canaries => {
  const { canaries, process, waitForFinal, intervalMs, metrics, log, clock, sleep } = deps;
  const stopping = new AbortController();
  let failing: readonly string[] = [];
  let loop: Promise<void> = Promise.resolve();

  const fly = async ({ id, segments, ...canary }: Canary, run: number): Promise<string | null> => {
    try {
      const payload = { id: `${id}-${run}`, conversationId: id, segments };
      const first = await process({ payload, tenant: CANARY_TENANT }, 'canary');
      const final =
        first.status === 'provisional' ? await waitForFinal?.(CANARY_TENANT, first.traceId, stopping.signal) : first;
      return complaintOf(canary, final ?? null);
    } catch (error) {
      log.warn({ component: 'canaries', error }, 'a canary could not be sent');
      return 'could not be sent';
    }
  };

  const flyAll = async (): Promise<void> => {
    const complaints: string[] = [];
    const run = clock().getTime();
    for (const canary of canaries) {
      const complaint = await fly(canary, run);
      if (stopping.signal.aborted) return;
      metrics.set('cot_monitor_canary_ok', complaint === null ? 1 : 0, { canary: canary.id });
      if (complaint === null) continue;
      complaints.push(`${canary.id} ${complaint}`);
      log.error(
        { component: 'canaries', code: canary.id, reason: complaint },
        'a trace with a known answer got another',
      );
    }
    failing = complaints;
    metrics.set('cot_monitor_canary_last_run_timestamp_seconds', clock().getTime() / 1_000);
  };

  const run = async (): Promise<void> => {
    await sleep(Math.min(FIRST_RUN_MS, intervalMs), stopping.signal);
    while (!stopping.signal.aborted) {
      await flyAll();
      await sleep(intervalMs, stopping.signal);
    }
  };

  return {
    health: {
      name: 'canaries',
      required: false,
      check: () => (failing.length === 0 ? { ok: true } : { ok: false, reason: failing.join(', ') }),
    },
    start: () => {
      loop = run();
    },
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
};
