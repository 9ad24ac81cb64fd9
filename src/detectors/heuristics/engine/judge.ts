import type { Stance } from '../../../domain/taxonomy.ts';
import type { Ruleset } from './compile.ts';
import { createContextReader, type SentenceContext } from './context.ts';
import type { Native } from './native.ts';
import { createSentences, type Sentence } from './sentence.ts';
import { MATCH_BYTES, type Tables } from './tables.ts';

// The second look: phrases that a sentence woke are gathered into clauses over one or more sentences, and what is found gets
// its stance from the sentence, and from the next one.

export interface Hit {
  /** Index into Ruleset.rules. */
  readonly rule: number;
  readonly stance: Stance;
  /** The sentence, half-open UTF-16 offsets, white space trimmed. */
  readonly start: number;
  readonly end: number;
  /** The words that matched, within it. */
  readonly matchStart: number;
  readonly matchEnd: number;
}

export interface Judge {
  /** @param applies whether a rule is of interest for this text */
  begin(text: string, applies: (rule: number) => boolean): void;
  /** Judges the sentence that was read. */
  judge(): void;
  /** Whether the next sentence matters whatever it holds. */
  asks(): boolean;
  hits(): readonly Hit[];
}

const RANK: Readonly<Record<Stance, number>> = { mentioned: 0, rejected: 1, considered: 2, intended: 3, acted: 4 };

export const createJudge = (ruleset: Ruleset, tables: Tables, native: Native): Judge => {
  const { clauses, rules, triggers, unless, span } = ruleset;
  const memory = new Int32Array(tables.memory.buffer);
  /** The last sentences, by number modulo their count: as many as a clause may span. */
  const window = createSentences(tables, span);
  const reader = createContextReader(native);
  /** Clause → the last sentence in which its other parts are still of interest. */
  const armedUntil = new Int32Array(clauses.length);
  /** Clauses whose trigger stands in the sentence in hand or in one within their span, in order of their triggers. */
  let armed: number[] = [];
  let number = 0;
  let first = 0;
  let text = '';
  let applies: (rule: number) => boolean = () => true;
  let hits: Hit[] = [];
  /** Hits of the sentence before, which this one may take back. */
  let pending = 0;

  const stands = (phrase: number): boolean => native.standing(phrase) !== 0;

  /** Index in memory of the match of a phrase that stands in the sentence in hand. */
  const matchOf = (phrase: number): number => (tables.at.matches + phrase * MATCH_BYTES) >> 2;

  /** Arms the clauses whose trigger stands in the sentence. */
  const arm = (): void => {
    const count = native.wokenCount();
    const found = tables.at.found >> 2;
    for (let i = found; i < found + count; i++) {
      for (const clause of triggers[memory[i]!]!) {
        if (armedUntil[clause]! < number) armed.push(clause);
        armedUntil[clause] = number + clauses[clause]!.within - 1;
      }
    }
  };

  /** The phrase of the widest match among the clause's parts in this sentence; -1 where a part is missing or an exclusion stands. */
  const settle = (index: number): number => {
    const { rule, parts, within, not } = clauses[index]!;
    if (!applies(rule)) return -1;
    const earliest = Math.max(number - within + 1, first);
    let widest = -1;
    let width = 0;
    let elsewhere = false;
    for (const alternatives of parts) {
      const here = alternatives.find(stands);
      if (here === undefined) {
        if (within === 1) return -1;
        elsewhere = true;
        continue;
      }
      const at = matchOf(here);
      const words = memory[at + 1]! - memory[at]!;
      if (widest >= 0 && words <= width) continue;
      widest = here;
      width = words;
    }
    if (widest < 0) return -1;
    if (elsewhere && !parts.every((alternatives) => stoodWithin(alternatives, earliest))) return -1;
    return not.some(stands) || unless[rule]!.some(stands) ? -1 : widest;
  };

  const stoodWithin = (alternatives: readonly number[], earliest: number): boolean => {
    if (alternatives.some(stands)) return true;
    for (let earlier = number - 1; earlier >= earliest; earlier--) {
      if (alternatives.some((phrase) => native.stood(phrase, earlier % span) !== 0)) return true;
    }
    return false;
  };

  /** The strongest reading of each rule in this sentence. */
  const collect = (sentence: Sentence, context: SentenceContext): readonly Hit[] => {
    const found: Hit[] = [];
    const { starts, ends, count, fresh, judged } = sentence;
    for (const index of armed) {
      const phrase = settle(index);
      if (phrase < 0) continue;
      const at = matchOf(phrase);
      const match = { phrase, from: memory[at]!, to: memory[at + 1]! };
      // A match that lies wholly in the overlap was reported with the piece before.
      if (!fresh && match.to <= judged) continue;
      const { rule } = clauses[index]!;
      const stance = reader.stanceOf(rules[rule]!, match, context);
      const earlier = found.findIndex((hit) => hit.rule === rule);
      if (earlier >= 0 && RANK[found[earlier]!.stance] >= RANK[stance]) continue;
      found[earlier >= 0 ? earlier : found.length] = {
        rule,
        stance,
        start: starts[0]!,
        end: ends[count - 1]!,
        matchStart: starts[match.from]!,
        matchEnd: ends[match.to - 1]!,
      };
    }
    return found;
  };

  const judgeSentence = (sentence: Sentence, before: number): void => {
    const context: SentenceContext = { text, sentence };
    if (before > 0 && sentence.fresh && reader.takesBack(context)) {
      for (let i = hits.length - before; i < hits.length; i++) hits[i] = { ...hits[i]!, stance: 'rejected' };
    }
    arm();
    if (armed.length === 0) return;
    for (const hit of collect(sentence, context)) {
      hits.push(hit);
      pending++;
    }
  };

  return {
    begin: (nextText, nextApplies) => {
      text = nextText;
      applies = nextApplies;
      hits = [];
      pending = 0;
      for (const clause of armed) armedUntil[clause] = 0;
      armed = [];
      native.begin();
      first = window[native.sentencePlace()]!.number;
    },
    judge: () => {
      const sentence = window[native.sentencePlace()]!;
      number = sentence.number;
      const before = pending;
      pending = 0;
      if (sentence.count > 0) judgeSentence(sentence, before);
      if (armed.length > 0) armed = armed.filter((clause) => armedUntil[clause]! > number);
    },
    asks: () => pending > 0 || armed.length > 0,
    hits: () => hits,
  };
};
