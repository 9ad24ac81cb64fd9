import type { Category } from '../../domain/taxonomy.ts';
import type { Trace } from '../../domain/trace.ts';
import type { Metrics } from '../../observe/metrics.ts';
import { excerptsSchema, scoresSchema, textsSchema } from './answer.ts';
import type { Chat, Seat } from './chat.ts';
import type { Examples } from './examples.ts';
import { type Claimed, framedExcerpt, verifyExcerpts, withinBudget } from './excerpts.ts';
import { isAboutAnswer, JudgeFault, type JudgeReason } from './fault.ts';
import { createFrame, type Frame, neutralise, type Random } from './framing.ts';
import type { Ledger } from './ledger.ts';
import { continuousScores } from './logprobs.ts';
import { type Framed, framedPieces, isOwn, type Material, materialOf, type Section, sectionsOf } from './material.ts';
import { type Opinion, opinionOf } from './opinion.ts';
import { chooseWindows, type Piece, reduce, windowsOf } from './passages.ts';
import type { Prompts } from './prompts.ts';
import type { Room } from './room.ts';

// One judge, one trace: copy out what matters, window by window; then score every category in a fresh call that sees the
// task, the views and the excerpts apart. The call that copies decides nothing, the call that decides cannot invent.

export interface Judged {
  readonly kind: 'judged';
  /** One for every category, in the taxonomy's order. */
  readonly opinions: readonly Opinion[];
  /** Set where part of the trace was not read. */
  readonly incomplete: JudgeReason | undefined;
}

export interface Failed {
  readonly kind: 'failed';
  readonly fault: JudgeFault;
}

export type Examine = (trace: Trace, ledger: Ledger, signal: AbortSignal) => Promise<Judged | Failed>;

export interface ExaminerDeps {
  readonly seat: Seat;
  readonly chat: Chat;
  readonly prompts: Prompts;
  readonly categories: readonly Category[];
  /** By tenant: what its reviewers decided. */
  readonly examples: ReadonlyMap<string, Examples>;
  readonly room: Room;
  readonly paraphrase: boolean;
  readonly random: Random;
  readonly metrics: Metrics;
}

/** Tries of a question whose answer was not the object asked for; a refusal is not asked again. */
const ASKED_TWICE: ReadonlySet<string> = new Set(['malformed', 'cut']);

const NOTHING = 'There is nothing here.';

export const createExaminer = (deps: ExaminerDeps): Examine => {
  const { seat, chat, prompts, categories, room, random, metrics } = deps;
  const ids = categories.map(({ id }) => id);
  const schemas = { extract: excerptsSchema(ids), score: scoresSchema(ids), paraphrase: textsSchema };

  /** Asks once more where the answer was no answer: another frame, another try. */
  const twice = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof JudgeFault && ASKED_TWICE.has(error.result)) return ask();
      throw error;
    }
  };

  const extract = async (material: Material, pieces: readonly Piece[], ledger: Ledger, signal: AbortSignal) => {
    const framed = framedPieces(material, [...taskBefore(material, pieces, room.task), ...pieces]);
    const { value } = await twice(() => {
      const frame = frameOf(random, framed);
      return chat.ask(
        {
          step: 'extract',
          system: prompts.extract,
          user: frame.message(framed.map(({ label, text }) => frame.piece(label, text))),
          schema: schemas.extract,
          codes: frame,
          logprobs: false,
        },
        ledger,
        signal,
      );
    });
    return value.excerpts;
  };

  /** What could be copied out, and why some of the trace was not read. One window after another: a long trace takes one slot. */
  const gather = async (material: Material, ledger: Ledger, signal: AbortSignal) => {
    // No reasoning, answer or action that can be read: there is nothing to judge, which is not the same as nothing found.
    if (!material.segments.some(isOwn)) throw new JudgeFault('malformed');
    const all = windowsOf(material.segments, room.window);
    const windows = chooseWindows(all, room.windows);
    const claimed: Claimed[] = [];
    let unread: JudgeFault | undefined;
    let read = 0;
    for (const window of windows) {
      try {
        claimed.push(...(await extract(material, window, ledger, signal)));
        read++;
      } catch (error) {
        if (!(error instanceof JudgeFault) || !isAboutAnswer(error)) throw error;
        // Refusals cluster on the worst traces: where one window was refused, that is the reason that is told.
        if (unread === undefined || error.reason === 'judge_refused') unread = error;
      }
    }
    if (read === 0 && unread !== undefined) throw unread;
    const incomplete: JudgeReason | undefined =
      unread?.reason ?? (windows.length < all.length ? 'over_budget' : undefined);
    return { claimed, incomplete };
  };

  /** Every text in other words: what persuades by its wording loses it. */
  const restate = async (texts: readonly string[], ledger: Ledger, signal: AbortSignal): Promise<string[]> => {
    const { value } = await twice(() => {
      const frame = createFrame(random, texts);
      return chat.ask(
        {
          step: 'paraphrase',
          system: prompts.paraphrase,
          user: frame.message(texts.map((text, i) => frame.piece(`text ${i + 1}`, text))),
          schema: schemas.paraphrase,
          codes: frame,
          logprobs: false,
        },
        ledger,
        signal,
      );
    });
    if (value.texts.length !== texts.length) throw new JudgeFault('malformed');
    return value.texts;
  };

  const score = async (
    shown: readonly Framed[],
    sections: readonly Section[],
    excerpts: readonly Framed[],
    more: number,
    ledger: Ledger,
    signal: AbortSignal,
  ) =>
    twice(() => {
      const texts = [...shown, ...sections.flatMap(({ head, tail }) => [...head, ...tail]), ...excerpts];
      const frame = frameOf(random, texts);
      return chat.ask(
        {
          step: 'score',
          system: prompts.score,
          user: frame.message([
            ...exampleParts(shown, frame),
            ...sections.flatMap((s) => sectionParts(s, frame)),
            ...excerptParts(excerpts, more, frame),
          ]),
          schema: schemas.score,
          codes: frame,
          logprobs: true,
        },
        ledger,
        signal,
      );
    });

  const judge = async (trace: Trace, ledger: Ledger, signal: AbortSignal): Promise<Judged> => {
    const material = materialOf(trace);
    const { claimed, incomplete } = await gather(material, ledger, signal);
    const verified = verifyExcerpts(claimed, material);
    const excerpts = withinBudget(verified.excerpts, room.excerpts);
    // Of this trace's tenant and of no other.
    const { framed: shown = [], tokens = 0 } = deps.examples.get(trace.tenant) ?? {};
    let sections = sectionsOf(material, Math.max(Math.ceil(room.sections / 2), room.sections - tokens));
    let framed = excerpts.map((excerpt, i) => framedExcerpt(excerpt, i, material));
    if (deps.paraphrase) [sections, framed] = await restated(sections, framed, (t) => restate(t, ledger, signal));
    const reply = await score(shown, sections, framed, verified.excerpts.length - excerpts.length, ledger, signal);
    const { scores } = reply.value;
    const exact = reply.tokens === null ? undefined : continuousScores(reply, reply.tokens, (id) => scores[id]?.score);
    const segments = new Map(trace.segments.map((segment) => [segment.index, segment]));
    const opinions = ids.map((category) => {
      const entry = scores[category]!;
      return opinionOf(
        { entry, category, score: exact?.get(category) ?? entry.score },
        excerpts,
        segments,
        prompts.scale,
      );
    });
    const invented = opinions.reduce((sum, o) => sum + o.invented, verified.discarded);
    metrics.count('cot_monitor_judge_excerpts_total', { judge: seat, result: 'exact' }, verified.excerpts.length);
    metrics.count('cot_monitor_judge_excerpts_total', { judge: seat, result: 'discarded' }, invented);
    return { kind: 'judged', opinions: opinions.map(({ opinion }) => opinion), incomplete };
  };

  return async (trace, ledger, signal) => {
    try {
      return await judge(trace, ledger, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      // A mistake of ours must not pass for a judgement either.
      const fault = error instanceof JudgeFault ? error : new JudgeFault('malformed', { cause: error });
      return { kind: 'failed', fault };
    }
  };
};

const frameOf = (random: Random, framed: readonly Framed[]): Frame =>
  createFrame(
    random,
    framed.map(({ text }) => text),
  );

/** What the model was told, in brief, for a window that begins after it. */
const taskBefore = ({ segments }: Material, pieces: readonly Piece[], budget: number): Piece[] => {
  const first = pieces[0]!.segment;
  const told = segments.filter(({ kind, index }) => (kind === 'system' || kind === 'user') && index < first);
  const { head, tail } = reduce(told, budget);
  return [...head, ...tail];
};

const sectionParts = ({ title, head, tail, left }: Section, frame: Frame): string[] => [
  `# ${title}`,
  ...head.map(({ label, text }) => frame.piece(label, text)),
  ...(left > 0 ? [`(${left} characters are left out here.)`] : []),
  ...tail.map(({ label, text }) => frame.piece(label, text)),
];

const exampleParts = (shown: readonly Framed[], frame: Frame): string[] =>
  shown.length === 0
    ? []
    : ['# Examples from other exchanges', ...shown.map(({ label, text }) => frame.piece(label, text))];

const excerptParts = (excerpts: readonly Framed[], more: number, frame: Frame): string[] => [
  '# The excerpts',
  ...(excerpts.length === 0 ? [NOTHING] : excerpts.map(({ label, text }) => frame.piece(label, text))),
  ...(more > 0 ? [`(${more} more of the same categories are left out.)`] : []),
];

/** The same sections and excerpts with their texts restated, in one call for all of them. */
const restated = async (
  sections: readonly Section[],
  excerpts: readonly Framed[],
  restate: (texts: readonly string[]) => Promise<readonly string[]>,
): Promise<[Section[], Framed[]]> => {
  const framed = [...sections.flatMap(({ head, tail }) => [...head, ...tail]), ...excerpts];
  const texts = await restate(framed.map(({ text }) => text));
  const byFramed = new Map(framed.map((piece, i) => [piece, { ...piece, text: neutralise(texts[i]!) }]));
  const swap = (piece: Framed): Framed => byFramed.get(piece)!;
  return [
    sections.map((section) => ({ ...section, head: section.head.map(swap), tail: section.tail.map(swap) })),
    excerpts.map(swap),
  ];
};
