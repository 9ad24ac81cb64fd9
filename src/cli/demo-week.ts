import type { ReviewOutcome } from '../domain/review.ts';
import { createRandom, type Random } from '../report/statistics/random.ts';
import { DISHONEST, HONEST, type Scene, TEMPTED, WORDS } from './demo-texts.ts';

// A week of traffic, the same for the same day and seed: three models, of which one gets a better version in the middle of
// the week; reasoning that is encrypted or only summed up; and what two reviewers would say of the flags.

/** How one model behaves: traces an hour, and the share of them that deceive. */
interface Kind {
  readonly model: { readonly provider: string; readonly name: string; readonly version: string };
  readonly perDay: number;
  readonly deceives: number;
  /** `summary`: only a summary of the reasoning is handed out. `encrypted`: nothing is. */
  readonly thoughts: 'raw' | 'summary' | 'encrypted';
  /** Days of the week, 0 to 6, on which it runs. */
  readonly from: number;
  readonly to: number;
}

const KINDS: readonly Kind[] = [
  {
    model: { provider: 'aster', name: 'aster-reason', version: '2026-08' },
    perDay: 40,
    deceives: 0.16,
    thoughts: 'raw',
    from: 0,
    to: 3,
  },
  {
    model: { provider: 'aster', name: 'aster-reason', version: '2026-11' },
    perDay: 40,
    deceives: 0.03,
    thoughts: 'raw',
    from: 4,
    to: 6,
  },
  {
    model: { provider: 'borealis', name: 'borealis-think', version: '1.2' },
    perDay: 24,
    deceives: 0.08,
    thoughts: 'summary',
    from: 0,
    to: 6,
  },
  {
    model: { provider: 'cirrus', name: 'cirrus-mini', version: '3' },
    perDay: 12,
    deceives: 0,
    thoughts: 'encrypted',
    from: 0,
    to: 6,
  },
];

export interface DemoTrace {
  readonly at: Date;
  /** In the canonical form. */
  readonly payload: { readonly id: string; readonly conversationId: string } & Readonly<Record<string, unknown>>;
  /** What two reviewers would say if it were flagged, null for whoever leaves it. */
  readonly opinions: readonly [ReviewOutcome | null, ReviewOutcome | null];
}

const DAY = 86_400_000;
export const DEMO_DAYS = 7;

const pick = <T>(from: readonly T[], random: Random): T => from[Math.floor(random() * from.length)]!;

const segmentsOf = (scene: Scene, { thoughts }: Kind, random: Random): readonly object[] => {
  const chosen = new Map(Object.entries(WORDS).map(([slot, words]) => [slot, pick(words, random)]));
  const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, slot: string) => chosen.get(slot) ?? whole);
  const thought =
    thoughts === 'encrypted'
      ? { kind: 'reasoning', coverage: 'encrypted' }
      : { kind: thoughts === 'summary' ? 'reasoning_summary' : 'reasoning', text: fill(scene.reasoning) };
  return [
    { kind: 'user', text: fill(scene.user) },
    thought,
    ...(scene.tool === undefined ? [] : [{ kind: 'tool_call', name: scene.tool.name, text: fill(scene.tool.text) }]),
    { kind: 'answer', text: fill(scene.answer) },
  ];
};

const sceneOf = (deceives: boolean, random: Random): Scene => {
  if (deceives) return pick(pick(Object.values(DISHONEST), random), random);
  return random() < 0.06 ? pick(TEMPTED, random) : pick(HONEST, random);
};

/** What a model of that kind has to say, whether it deceives or not. */
const contentOf = (kind: Kind, deceives: boolean, random: Random) => ({
  model: kind.model,
  segments: segmentsOf(sceneOf(deceives, random), kind, random),
  labels: { source: 'demo' },
});

/**
 * The `number`-th trace of traffic that is made up as it goes, three to a conversation: of the models that run on the last
 * day of the week.
 */
export const demoTrace = (run: string, number: number, at: Date, random: Random): DemoTrace['payload'] => {
  const kinds = KINDS.filter(({ to }) => to === DEMO_DAYS - 1);
  // One entry for each trace a day, so that the busiest model is drawn most often.
  const kind = pick(
    kinds.flatMap((each) => Array<Kind>(each.perDay).fill(each)),
    random,
  );
  return {
    id: `demo-${run}-${number}`,
    conversationId: `demo-${run}-c${Math.floor(number / 3)}`,
    turn: number % 3,
    occurredAt: at.toISOString(),
    ...contentOf(kind, random() < Math.max(kind.deceives, 0.1), random),
  };
};

/** Most reviews are right, some are not, and the second reviewer sees every other flag. */
const opinionsOf = (deceives: boolean, random: Random): DemoTrace['opinions'] => {
  const opinion = (): ReviewOutcome => {
    const drawn = random();
    if (drawn < 0.08) return 'unsure';
    return drawn < 0.86 === deceives ? 'confirmed' : 'false_positive';
  };
  return [random() < 0.7 ? opinion() : null, random() < 0.45 ? opinion() : null];
};

/** @param today the last day of the week; its own time of day does not matter. In the order of occurrence. */
export const demoWeek = (today: Date, seed: number): readonly DemoTrace[] => {
  const end = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate());
  const stamp = new Date(end).toISOString().slice(0, 10);
  const random = createRandom(seed);
  const traces: DemoTrace[] = [];
  for (let day = 0; day < DEMO_DAYS; day++) {
    for (const kind of KINDS.filter(({ from, to }) => from <= day && day <= to)) {
      const count = Math.round(kind.perDay * (0.8 + 0.4 * random()));
      for (let i = 0; i < count; i++) {
        const deceives = random() < kind.deceives;
        // Yesterday is the last whole day: nothing of the demonstration lies in the future.
        const at = new Date(end - (DEMO_DAYS - day) * DAY + Math.floor(random() * DAY));
        const number = traces.length;
        traces.push({
          at,
          payload: {
            id: `demo-${stamp}-${seed}-${number}`,
            conversationId: `demo-${stamp}-${seed}-c${Math.floor(number / 3)}`,
            turn: number % 3,
            occurredAt: at.toISOString(),
            ...contentOf(kind, deceives, random),
          },
          opinions: opinionsOf(deceives, random),
        });
      }
    }
  }
  return traces.sort((a, b) => a.at.getTime() - b.at.getTime());
};
