import type { Stance } from '../../../domain/taxonomy.ts';
import type { Ruleset } from './compile.ts';
import { createContextReader, type SentenceContext } from './context.ts';
import { createMatcher, type PhraseMatch } from './match.ts';
import { packRows } from './rows.ts';
import type { Sentence } from './sentence.ts';

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
  /** @param applies whether a rule is of interest for this text */
  begin(text: string, applies: (rule: number) => boolean): void;
  /** @param anchors how many words of the sentence wake a phrase */
  judge(sentence: Sentence, anchors: number): void;
  hits(): readonly Hit[];
}

/** Stamps are 32-bit; long before they run out, the tables are wiped and counting starts anew. */
const LAST_STAMP = 2 ** 30;

const RANK: Readonly<Record<Stance, number>> = { mentioned: 0, rejected: 1, considered: 2, intended: 3, acted: 4 };

export const createJudge = (ruleset: Ruleset): Judge => {
  const { phrases, clauses, rules, uses, unless } = ruleset;
  const wordCount = ruleset.wordIds.size + 1;
  const woken = packRows(ruleset.woken, wordCount);
  const betrays = packRows(ruleset.betrays, wordCount);
  const needs = packRows(
    phrases.map((p) => p.needs),
    phrases.length,
  );
  const matcher = createMatcher(ruleset);
  const reader = createContextReader(ruleset.cues, matcher);
  const matches: (PhraseMatch | undefined)[] = new Array(phrases.length);
  /** Phrase → the sentence in which it was found last. */
  const matchedIn = new Int32Array(phrases.length);
  /** Clause part → the sentence in which it was found last. */
  const partSeen = clauses.map((clause) => new Int32Array(clause.parts.length));
  const touched = new Set<number>();
  /** Class → the sentence that last held a word which betrays it. */
  const betrayedIn = new Int32Array(ruleset.classCount);
  /** Phrases that this sentence may match, with the word that wakes each: pairs in a row. */
  const candidates: number[] = [];
  let number = 0;
  let first = 0;
  let text = '';
  let applies: (rule: number) => boolean = () => true;
  let hits: Hit[] = [];
  /** Hits of the sentence before, which this one may take back. */
  let pending = 0;

  const feasible = (phrase: number): boolean => {
    const end = needs.starts[phrase + 1]!;
    for (let i = needs.starts[phrase]!; i < end; i++) if (betrayedIn[needs.values[i]!] !== number) return false;
    return true;
  };

  /** Cheap: stamps and look-ups only. Most sentences with an anchor end here. */
  const gather = ({ ids, count }: Sentence): void => {
    candidates.length = 0;
    for (let word = 0; word < count; word++) {
      const id = ids[word]!;
      const end = betrays.starts[id + 1]!;
      for (let i = betrays.starts[id]!; i < end; i++) betrayedIn[betrays.values[i]!] = number;
    }
    for (let word = 0; word < count; word++) {
      const id = ids[word]!;
      const end = woken.starts[id + 1]!;
      for (let i = woken.starts[id]!; i < end; i++) {
        if (feasible(woken.values[i]!)) candidates.push(woken.values[i]!, word);
      }
    }
  };

  const tryCandidates = (): void => {
    for (let i = 0; i < candidates.length; i += 2) {
      const phrase = candidates[i]!;
      const word = candidates[i + 1]!;
      if (matchedIn[phrase] === number) continue;
      const p = phrases[phrase]!;
      if (!matcher.surrounded(p, word) || !matcher.possible(p)) continue;
      const found = matcher.find(p, Math.max(0, word - p.reach), word);
      if (found === undefined) continue;
      matchedIn[phrase] = number;
      matches[phrase] = found;
      for (const { clause, part } of uses[phrase]!) {
        partSeen[clause]![part] = number;
        touched.add(clause);
      }
    }
  };

  /** The widest match among the clause's parts in this sentence; undefined where a part is missing or an exclusion stands. */
  const settle = (index: number, count: number): PhraseMatch | undefined => {
    const clause = clauses[index]!;
    if (!applies(clause.rule)) return undefined;
    const anywhere = (phrase: number): PhraseMatch | undefined =>
      matcher.possible(phrases[phrase]!) ? matcher.find(phrases[phrase]!, 0, count - 1) : undefined;
    const earliest = Math.max(number - clause.within + 1, first);
    let widest: PhraseMatch | undefined;
    for (const [part, alternatives] of clause.parts.entries()) {
      let found: PhraseMatch | undefined;
      for (const phrase of alternatives) {
        if (matchedIn[phrase] === number) found = matches[phrase];
        else if (clause.within === 1 || !phrases[phrase]!.anchored) found = anywhere(phrase);
        if (found !== undefined) break;
      }
      if (found === undefined && partSeen[index]![part]! < earliest) return undefined;
      if (found !== undefined && (widest === undefined || found.to - found.from > widest.to - widest.from))
        widest = found;
    }
    if (widest === undefined) return undefined;
    const excluded = (phrase: number): boolean => anywhere(phrase) !== undefined;
    return clause.not.some(excluded) || unless[clause.rule]!.some(excluded) ? undefined : widest;
  };

  /** The strongest reading of each rule in this sentence. */
  const collect = (sentence: Sentence, context: SentenceContext): Iterable<Hit> => {
    const found = new Map<number, Hit>();
    for (const index of touched) {
      const match = settle(index, sentence.count);
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

  return {
    wakes: Uint8Array.from({ length: wordCount }, (_, id) => (ruleset.woken[id]?.length ? 1 : 0)),
    begin: (nextText, nextApplies) => {
      if (number > LAST_STAMP) {
        number = 0;
        matchedIn.fill(0);
        betrayedIn.fill(0);
        for (const seen of partSeen) seen.fill(0);
      }
      text = nextText;
      applies = nextApplies;
      hits = [];
      pending = 0;
      first = number + 1;
    },
    judge: (sentence, anchors) => {
      number++;
      const before = pending;
      pending = 0;
      if (sentence.count === 0 || (anchors === 0 && before === 0)) return;
      if (anchors > 0) gather(sentence);
      else candidates.length = 0;
      if (candidates.length === 0 && before === 0) return;
      matcher.begin(sentence);
      const context: SentenceContext = { text, sentence };
      if (before > 0 && sentence.fresh && reader.takesBack(context)) {
        for (let i = hits.length - before; i < hits.length; i++) hits[i] = { ...hits[i]!, stance: 'rejected' };
      }
      touched.clear();
      tryCandidates();
      if (touched.size === 0) return;
      for (const hit of collect(sentence, context)) {
        hits.push(hit);
        pending++;
      }
    },
    hits: () => hits,
  };
};
