import type { Stance } from '../../../domain/taxonomy.ts';
import { createCandidates } from './candidates.ts';
import type { Ruleset } from './compile.ts';
import { createContextReader, type SentenceContext } from './context.ts';
import { createMatcher, type PhraseMatch } from './match.ts';
import { createSentence, type Sentence } from './sentence.ts';

// The second look: a sentence that holds an anchor word is held against the phrases it wakes, phrases are gathered into
// clauses over one or more sentences, and what is found gets its stance from the sentence, and from the next one.

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
  /** Word id → 1 where the word wakes a phrase. */
  readonly wakes: Uint8Array;
  /**
   * @param applies whether a rule is of interest for this text
   * @returns the sentence to fill first
   */
  begin(text: string, applies: (rule: number) => boolean): Sentence;
  /**
   * Judges the sentence that was filled.
   * @param anchors how many of its words wake a phrase
   * @returns the sentence to fill next: empty, at the start of a sentence
   */
  judge(anchors: number): Sentence;
  hits(): readonly Hit[];
}

/** Numbers are 31-bit; long before they run out, the tables are wiped and counting starts anew. */
const LAST_NUMBER = 2 ** 29;

const RANK: Readonly<Record<Stance, number>> = { mentioned: 0, rejected: 1, considered: 2, intended: 3, acted: 4 };

export const createJudge = (ruleset: Ruleset): Judge => {
  const { phrases, clauses, rules, triggers, unless, span } = ruleset;
  const candidates = createCandidates(ruleset);
  const matcher = createMatcher(ruleset);
  const reader = createContextReader(ruleset.cues, matcher);
  /** The last sentences, by number modulo their count: as many as a clause may span. */
  const window = Array.from({ length: span }, createSentence);
  /** By place in the window, by phrase: twice the number of the sentence it was looked for in, plus whether it is there. */
  const known = window.map(() => new Int32Array(phrases.length));
  /** Phrase → its match in the sentence in hand, where `known` says so. */
  const matches: (PhraseMatch | undefined)[] = new Array(phrases.length);
  /** Clause → the last sentence in which its other parts are still of interest. */
  const armedUntil = new Int32Array(clauses.length);
  /** Clauses whose trigger stands in the sentence in hand or in one within their span, in order of their triggers. */
  const armed = new Set<number>();
  let number = 0;
  let first = 0;
  let text = '';
  let applies: (rule: number) => boolean = () => true;
  let hits: Hit[] = [];
  /** Hits of the sentence before, which this one may take back. */
  let pending = 0;

  const current = (): Sentence => window[number % span]!;

  /** Whether the phrase stands in the sentence in hand; `matches` then says where. */
  const stands = (phrase: number): boolean => {
    const sentence = current();
    const seen = known[number % span]!;
    if (seen[phrase]! >> 1 === number) return (seen[phrase]! & 1) === 1;
    const p = phrases[phrase]!;
    const found =
      candidates.fits(phrase, sentence) && matcher.possible(p) ? matcher.find(p, 0, sentence.count - 1) : undefined;
    matches[phrase] = found;
    seen[phrase] = (number << 1) | (found === undefined ? 0 : 1);
    return found !== undefined;
  };

  /** Whether the phrase stands in an earlier sentence of the window, to which the matcher is turned if need be. */
  const stood = (phrase: number, earlier: number): boolean => {
    const place = earlier % span;
    const sentence = window[place]!;
    const seen = known[place]!;
    if (seen[phrase]! >> 1 === earlier) return (seen[phrase]! & 1) === 1;
    let found = false;
    candidates.sign(sentence);
    if (candidates.fits(phrase, sentence)) {
      matcher.turnTo(sentence);
      const p = phrases[phrase]!;
      found = matcher.possible(p) && matcher.find(p, 0, sentence.count - 1) !== undefined;
      matcher.turnTo(current());
    }
    seen[phrase] = (earlier << 1) | (found ? 1 : 0);
    return found;
  };

  /** Arms the clauses whose trigger stands in the sentence. */
  const wake = (sentence: Sentence): void => {
    const seen = known[number % span]!;
    const woken = candidates.of(sentence);
    for (let i = 0; i < woken.length; i += 2) {
      const phrase = woken[i]!;
      const word = woken[i + 1]!;
      if (seen[phrase]! >> 1 === number) continue;
      const p = phrases[phrase]!;
      if (!matcher.surrounded(p, word) || !matcher.possible(p)) continue;
      const found = matcher.find(p, Math.max(0, word - p.reach), word);
      if (found === undefined) continue;
      seen[phrase] = (number << 1) | 1;
      matches[phrase] = found;
      for (const clause of triggers[phrase]!) {
        armed.add(clause);
        armedUntil[clause] = number + clauses[clause]!.within - 1;
      }
    }
  };

  /** The widest match among the clause's parts in this sentence; undefined where a part is missing or an exclusion stands. */
  const settle = (index: number): PhraseMatch | undefined => {
    const { rule, parts, within, not } = clauses[index]!;
    if (!applies(rule)) return undefined;
    const earliest = Math.max(number - within + 1, first);
    let widest: PhraseMatch | undefined;
    let elsewhere = false;
    for (const alternatives of parts) {
      const here = alternatives.find(stands);
      if (here === undefined) {
        if (within === 1) return undefined;
        elsewhere = true;
        continue;
      }
      const found = matches[here]!;
      if (widest === undefined || found.to - found.from > widest.to - widest.from) widest = found;
    }
    if (widest === undefined) return undefined;
    if (elsewhere && !parts.every((alternatives) => stoodWithin(alternatives, earliest))) return undefined;
    return not.some(stands) || unless[rule]!.some(stands) ? undefined : widest;
  };

  const stoodWithin = (alternatives: readonly number[], earliest: number): boolean => {
    if (alternatives.some(stands)) return true;
    for (let earlier = number - 1; earlier >= earliest; earlier--) {
      if (alternatives.some((phrase) => stood(phrase, earlier))) return true;
    }
    return false;
  };

  /** The strongest reading of each rule in this sentence. */
  const collect = (sentence: Sentence, context: SentenceContext): Iterable<Hit> => {
    const found = new Map<number, Hit>();
    for (const index of armed) {
      const match = settle(index);
      // A match that lies wholly in the overlap was reported with the piece before.
      if (match === undefined || (!sentence.fresh && match.to <= sentence.judged)) continue;
      const { rule } = clauses[index]!;
      const stance = reader.stanceOf(rules[rule]!, match, context);
      const earlier = found.get(rule);
      if (earlier !== undefined && RANK[earlier.stance] >= RANK[stance]) continue;
      found.set(rule, {
        rule,
        stance,
        start: sentence.starts[0]!,
        end: sentence.ends[sentence.count - 1]!,
        matchStart: sentence.starts[match.from]!,
        matchEnd: sentence.ends[match.to - 1]!,
      });
    }
    return found.values();
  };

  const disarm = (): void => {
    for (const clause of armed) if (armedUntil[clause]! <= number) armed.delete(clause);
  };

  const judgeSentence = (sentence: Sentence, anchors: number, before: number): void => {
    candidates.sign(sentence);
    matcher.turnTo(sentence);
    const context: SentenceContext = { text, sentence };
    if (before > 0 && sentence.fresh && reader.takesBack(context)) {
      for (let i = hits.length - before; i < hits.length; i++) hits[i] = { ...hits[i]!, stance: 'rejected' };
    }
    if (anchors > 0) wake(sentence);
    if (armed.size === 0) return;
    for (const hit of collect(sentence, context)) {
      hits.push(hit);
      pending++;
    }
  };

  const next = (): Sentence => {
    number++;
    const sentence = current();
    sentence.number = number;
    sentence.count = 0;
    sentence.judged = 0;
    sentence.fresh = true;
    sentence.question = false;
    sentence.signed = false;
    return sentence;
  };

  return {
    wakes: candidates.wakes,
    begin: (nextText, nextApplies) => {
      if (number > LAST_NUMBER) {
        number = 0;
        armedUntil.fill(0);
        for (const seen of known) seen.fill(0);
        matcher.forget();
        reader.forget();
      }
      text = nextText;
      applies = nextApplies;
      hits = [];
      pending = 0;
      armed.clear();
      first = number + 1;
      return next();
    },
    judge: (anchors) => {
      const sentence = current();
      const before = pending;
      pending = 0;
      if (sentence.count > 0 && (anchors > 0 || before > 0 || armed.size > 0)) judgeSentence(sentence, anchors, before);
      if (armed.size > 0) disarm();
      return next();
    },
    hits: () => hits,
  };
};
