import type { JudgeConfig } from '../../config/judge.ts';
import type { Clock } from '../../domain/clock.ts';
import { CodedError } from '../../domain/errors.ts';
import { sha256 } from '../../domain/ids.ts';
import type { Category } from '../../domain/taxonomy.ts';
import type { PartHealth } from '../../observe/health.ts';
import type { Logger } from '../../observe/log.ts';
import type { Metrics } from '../../observe/metrics.ts';
import { type Chat, createChat, type Seat } from './chat.ts';
import type { Judge, JudgeAnswer } from './contract.ts';
import { createExaminer, type Examine, type Failed, type Judged } from './examine.ts';
import { loadExamples } from './examples.ts';
import type { Random } from './framing.ts';
import { addUsage, createLedger } from './ledger.ts';
import { outcomeOf } from './outcome.ts';
import { isDisputed, mergeJudgements } from './panel.ts';
import { loadPrompts } from './prompts.ts';
import { roomFor } from './room.ts';

// The third tier: a prompted model behind any OpenAI-compatible endpoint, or two of different families. It reads what the
// cheap tiers are unsure of. It can be wrong, refuse, invent, be talked round or be down: none of these ends as clear.

export interface JudgeDeps {
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock: Clock;
  /** Cryptographically random: the marks around a trace rest on it. */
  readonly random: Random;
  /** 0–1, for the jitter of waits. */
  readonly jitter: () => number;
  /** What is judged. */
  readonly categories: readonly Category[];
}

export interface EndpointJudge extends Judge {
  /** Not well while the endpoint is down and not being asked. */
  health(): PartHealth;
}

interface Member {
  readonly seat: Seat;
  readonly chat: Chat;
  readonly examine: Examine;
}

/** @throws CodedError `invalid_config` for prompts that cannot be used or do not fit the context */
export const createJudge = (config: JudgeConfig, deps: JudgeDeps): EndpointJudge => {
  const { metrics, log, clock, jitter, random, categories } = deps;
  const prompts = loadPrompts(categories, config.promptDir);
  const room = roomFor(prompts, config);
  const examples = loadExamples(categories, config.promptDir);
  for (const [tenant, { tokens }] of examples) {
    if (tokens > room.sections / 2) throw tooMany(tenant);
  }
  const seats: Member[] = [config.first, ...(config.second === undefined ? [] : [config.second])].map(
    ({ price, ...endpoint }, i) => {
      const seat: Seat = i === 0 ? 'first' : 'second';
      const chat = createChat({ ...config, seat, endpoint, price }, { metrics, clock, jitter });
      const examine = createExaminer({
        seat,
        chat,
        prompts,
        categories,
        examples,
        room,
        paraphrase: config.paraphrase,
        random,
        metrics,
      });
      return { seat, chat, examine };
    },
  );
  const [first, second] = seats as [Member, Member?];
  const model = seats.map(({ chat }) => chat.model).join('+');
  const detector = {
    name: 'judge',
    rule: null,
    version: prompts.version,
    hash: sha256(`${prompts.version} ${model}`),
    status: null,
  };

  return {
    name: 'judge',
    promptVersion: prompts.version,
    health: () => (first.chat.open() ? { ok: true } : { ok: false, reason: 'the judge endpoint is failing' }),
    judge: async ({ trace, signal, risk }) => {
      const started = performance.now();
      const turn = async ({ seat, chat, examine }: Member) => {
        const ledger = createLedger(chat.price);
        const result = await examine(trace, ledger, signal);
        metrics.count('cot_monitor_judge_outcomes_total', { judge: seat, outcome: outcomeLabel(result) });
        if (result.kind === 'failed') {
          const { reason, result: code, cause: error } = result.fault;
          log.warn(
            { detector: 'judge', component: seat, traceId: trace.id, reason, code, error },
            'A judge gave no judgement',
          );
        }
        return { result, usage: ledger.total() };
      };
      let { result, usage } = await turn(first);
      if (second !== undefined && isDisputed(result, risk)) {
        const other = await turn(second);
        result = mergeJudgements(result, other.result);
        usage = addUsage(usage, other.usage);
      }
      metrics.observe('cot_monitor_judge_duration_seconds', (performance.now() - started) / 1000);
      const shown = examples.get(trace.tenant);
      // Other examples are another question.
      const prompt = shown === undefined ? prompts.version : `${prompts.version}.${shown.hash}`;
      const answer: JudgeAnswer = {
        outcome: outcomeOf(trace, result, categories, detector),
        usage,
        prompt,
        model,
      };
      const scores =
        result.kind === 'judged'
          ? { scores: Object.fromEntries(result.opinions.map((o) => [o.category, o.score])) }
          : {};
      const retryAfterMs = result.kind === 'failed' ? result.fault.retryAfterMs : undefined;
      return { ...answer, ...scores, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    },
  };
};

const tooMany = (tenant: string): CodedError =>
  new CodedError(
    'invalid_config',
    `JUDGE_PROMPT_DIR: the examples of ${tenant} take half of what JUDGE_CONTEXT_TOKENS leaves for a trace.`,
  );

const outcomeLabel = (result: Judged | Failed): string => {
  if (result.kind === 'failed') return result.fault.reason;
  return result.incomplete === undefined ? 'judged' : 'partial';
};
