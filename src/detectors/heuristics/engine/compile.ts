import { CodedError } from '../../../domain/errors.ts';
import type { Clause, Lexicon, Rule } from '../rule.ts';
import { cheapestAnchor } from './anchor.ts';
import { createVocabulary, type Element, type Vocabulary, type WordClass } from './vocabulary.ts';

// Rules, compiled once into tables that the scanner walks. Nothing here depends on a trace.

export interface Phrase {
  readonly elements: readonly Element[];
  /** Must begin at the first word of the sentence. */
  readonly atStart: boolean;
  /** The element whose rare words wake the phrase. */
  readonly anchor: number;
  /** Most words that can stand between the phrase's first word and its anchor. */
  readonly reach: number;
  readonly anchored: boolean;
  /** Rough share of sentences that wake it. */
  readonly cost: number;
}

export interface CompiledClause {
  readonly rule: number;
  /** Alternatives (phrases) of each part. */
  readonly parts: readonly (readonly number[])[];
  readonly not: readonly number[];
  readonly within: number;
  /** The part that wakes least often: the clause is looked at only where it stands, or stood within reach. */
  readonly trigger: number;
}

/** How an occurrence of a class can lie about one of its words. */
interface Places {
  /** What must stand at the word for it: one of these sequences, the word at `offset` in it. Null where the word will do. */
  readonly around: readonly Placed[] | null;
  /** Where in the anchor's occurrence the word can stand: from the first to the last place, counted from 0. */
  readonly offsets: readonly [number, number];
}

/** A phrase that a word wakes, and how the anchor's occurrence can lie about the word. */
export interface Waking extends Places {
  readonly phrase: number;
}

interface Placed {
  readonly offset: number;
  readonly words: readonly number[];
}

export interface Ruleset {
  readonly rules: readonly Rule[];
  readonly phrases: readonly Phrase[];
  readonly clauses: readonly CompiledClause[];
  /** Phrase → the clauses whose trigger it is. */
  readonly triggers: readonly (readonly number[])[];
  /** Rule → phrases in whose sentence it stays quiet. */
  readonly unless: readonly (readonly number[])[];
  /** Word id → phrases it wakes. */
  readonly woken: readonly (readonly Waking[])[];
  /** Sentences to keep at hand: as many as a clause may span, and two at least, since a cut sentence goes on in the next. */
  readonly span: number;
  /** Words of text, by 32-bit hash. */
  readonly wordIds: ReadonlyMap<number, number>;
  readonly classes: readonly WordClass[];
  /** Class ids of the cues that turn a thought round, by name. */
  readonly cues: Readonly<Record<CueName, number>>;
}

/** Word classes that the engine itself looks for; the lexicon must define them as `cue.<name>`. */
export const CUES = ['negation', 'moral', 'modal', 'reported', 'will', 'override', 'fiction', 'turn', 'done'] as const;
export type CueName = (typeof CUES)[number];

export const compile = (rules: readonly Rule[], lexicon: Lexicon): Ruleset => {
  const vocabulary = createVocabulary(lexicon);
  const phraseIds = new Map<string, number>();
  const phrases: Phrase[] = [];
  const woken: Waking[][] = [];

  const placesByClass = new Map<number, ReturnType<typeof placesIn>>();
  const placesOf = (classId: number, word: number): Places => {
    const own = vocabulary.classes[classId]!;
    if (!placesByClass.has(classId)) placesByClass.set(classId, placesIn(own));
    return placesByClass.get(classId)?.get(word) ?? { around: null, offsets: [0, own.longest - 1] };
  };

  const phraseOf = (pattern: string): number => {
    const known = phraseIds.get(pattern);
    if (known !== undefined) return known;
    const { phrase, anchors } = compilePhrase(pattern, vocabulary);
    const id = phrases.push(phrase) - 1;
    phraseIds.set(pattern, id);
    const own = phrase.elements[phrase.anchor]!.classId;
    for (const word of anchors) {
      woken[word] ??= [];
      woken[word].push({ phrase: id, ...placesOf(own, word) });
    }
    return id;
  };

  const compileClause = (rule: number, clause: string | Clause): CompiledClause => {
    if (typeof clause === 'string') return { rule, parts: [[phraseOf(clause)]], not: [], within: 1, trigger: 0 };
    const parts = clause.all.map((part) => (typeof part === 'string' ? [part] : part).map(phraseOf));
    const not = (clause.not ?? []).map(phraseOf);
    return { rule, parts, not, within: clause.within, trigger: triggerOf(parts, phrases) };
  };

  const clauses: CompiledClause[] = [];
  const unless: number[][] = [];
  rules.forEach((rule, index) => {
    try {
      clauses.push(...rule.match.map((clause) => compileClause(index, clause)));
      unless.push((rule.unless ?? []).map(phraseOf));
    } catch (error) {
      if (error instanceof CodedError) throw new CodedError('invalid_rule', `${rule.slug}: ${error.message}`);
      throw error;
    }
  });
  for (const clause of clauses) {
    if (!clause.parts.some((part) => part.every((p) => phrases[p]!.anchored))) {
      throw new CodedError('invalid_rule', `${rules[clause.rule]!.slug}: a clause has only common words`);
    }
  }
  // Exclusions and the other parts wake nothing: they are looked for only where a trigger was found.
  const triggers: number[][] = phrases.map(() => []);
  clauses.forEach(({ parts, trigger }, index) => {
    for (const phrase of parts[trigger]!) triggers[phrase]!.push(index);
  });
  const cues = Object.fromEntries(CUES.map((name) => [name, vocabulary.named(`cue.${name}`)]));
  return {
    rules,
    phrases,
    clauses,
    triggers,
    unless,
    woken: Array.from({ length: woken.length }, (_, i) =>
      (woken[i] ?? []).filter(({ phrase }) => triggers[phrase]!.length > 0),
    ),
    span: clauses.reduce((most, { within }) => Math.max(most, within), 2),
    wordIds: vocabulary.wordIds,
    classes: vocabulary.classes,
    cues: cues as Record<CueName, number>,
  };
};

const compilePhrase = (
  pattern: string,
  { elements, classes }: Vocabulary,
): { phrase: Phrase; anchors: readonly number[] } => {
  const parsed = elements(pattern);
  const needed = parsed.elements.filter((e) => !e.optional);
  const anchor = cheapestAnchor(needed.map((e) => classes[e.classId]!.anchor));
  const index = parsed.elements.findIndex((e) => !e.optional && classes[e.classId]!.anchor === anchor);
  const reach = parsed.elements
    .slice(0, index + 1)
    .reduce((sum, e, i) => sum + classes[e.classId]!.longest + (i === 0 ? 0 : e.max), 0);
  const phrase = { ...parsed, anchor: index, reach, anchored: !anchor.common, cost: anchor.cost };
  return { phrase, anchors: anchor.common ? [] : anchor.words };
};

/** For each word of a class, how an occurrence of the class can lie about it; undefined for a class that is more than words. */
const placesIn = ({ sequences, composites }: WordClass): ReadonlyMap<number, Places> | undefined => {
  if (composites.length > 0) return undefined;
  const placed = new Map<number, Placed[]>();
  for (const words of sequences) {
    words.forEach((word, offset) => {
      const known = placed.get(word);
      if (known === undefined) placed.set(word, [{ offset, words }]);
      else known.push({ offset, words });
    });
  }
  const places = new Map<number, Places>();
  for (const [word, each] of placed) {
    const at = each.map(({ offset }) => offset);
    const around = each.some(({ words }) => words.length === 1) ? null : each;
    places.set(word, { around, offsets: [Math.min(...at), Math.max(...at)] });
  }
  return places;
};

/** The part that wakes least often, of those that rare words betray; the first where there is none (refused later). */
const triggerOf = (parts: readonly (readonly number[])[], phrases: readonly Phrase[]): number => {
  const cost = (part: number): number => parts[part]!.reduce((sum, p) => sum + phrases[p]!.cost, 0);
  const able = [...parts.keys()].filter((part) => parts[part]!.every((p) => phrases[p]!.anchored));
  return able.sort((a, b) => cost(a) - cost(b))[0] ?? 0;
};
