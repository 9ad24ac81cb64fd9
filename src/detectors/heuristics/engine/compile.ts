import { CodedError } from '../../../domain/errors.ts';
import type { Clause, Lexicon, Rule } from '../rule.ts';
import { cheapestAnchor } from './anchor.ts';
import { createSignatures, type Signatures } from './signature.ts';
import { createVocabulary, type Element, type Vocabulary } from './vocabulary.ts';

// Rules, compiled once into tables that the scanner walks. Nothing here depends on a trace.

/** A class of which an occurrence must begin at most `reach` words away. */
export interface Neighbour {
  readonly classId: number;
  readonly reach: number;
}

export interface Phrase {
  readonly elements: readonly Element[];
  /** Must begin at the first word of the sentence. */
  readonly atStart: boolean;
  /** Most words that can stand between the phrase's first word and its anchor. */
  readonly reach: number;
  readonly anchored: boolean;
  /** What must stand around the word that wakes it: a cheap no for most tries. Null where anything may. */
  readonly before: Neighbour | null;
  readonly after: Neighbour | null;
  /** Classes to look for before the phrase is tried, the rarest first. */
  readonly required: readonly number[];
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

/** A phrase that a word wakes. */
export interface Waking {
  readonly phrase: number;
  /** What must stand at the word for it: one of these sequences, the word at `offset` in it. Null where the word will do. */
  readonly around: readonly Placed[] | null;
}

export interface Placed {
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
  readonly signatures: Signatures;
  /** Sentences to keep at hand: as many as a clause may span, and two at least, since a cut sentence goes on in the next. */
  readonly span: number;
  /** Words of text, by 32-bit hash. */
  readonly wordIds: ReadonlyMap<number, number>;
  /** First word → class → the rests of the class's sequences that begin with it. */
  readonly entries: ReadonlyMap<number, ReadonlyMap<number, readonly (readonly number[])[]>>;
  /** Class → rough share of sentences that hold a word which begins one of its sequences. */
  readonly starters: readonly number[];
  /** Class → phrases whose matches are occurrences of it, beside its sequences. */
  readonly composites: ReadonlyMap<number, readonly Phrase[]>;
  readonly classCount: number;
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

  const phraseOf = (pattern: string): number => {
    const known = phraseIds.get(pattern);
    if (known !== undefined) return known;
    const { phrase, anchors } = compilePhrase(pattern, vocabulary);
    const id = phrases.push(phrase) - 1;
    phraseIds.set(pattern, id);
    for (const [word, around] of anchors) {
      woken[word] ??= [];
      woken[word].push({ phrase: id, around });
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
  const anchors = {
    words: vocabulary.classes.map(({ anchor }) => anchor.words),
    costs: vocabulary.classes.map(({ anchor }) => anchor.cost),
  };
  return {
    rules,
    phrases,
    clauses,
    triggers,
    unless,
    woken: Array.from({ length: woken.length }, (_, i) =>
      (woken[i] ?? []).filter(({ phrase }) => triggers[phrase]!.length > 0),
    ),
    signatures: createSignatures(phrases, anchors, vocabulary.wordIds.size + 1),
    span: clauses.reduce((most, { within }) => Math.max(most, within), 2),
    wordIds: vocabulary.wordIds,
    entries: entriesOf(vocabulary),
    starters: vocabulary.classes.map(({ starters }) => starters),
    composites: compositesOf(vocabulary),
    classCount: vocabulary.classes.length,
    cues: cues as Record<CueName, number>,
  };
};

const compilePhrase = (
  pattern: string,
  { elements, classes }: Vocabulary,
): { phrase: Phrase; anchors: ReadonlyMap<number, Waking['around']> } => {
  const parsed = elements(pattern);
  const needed = parsed.elements.filter((e) => !e.optional);
  const anchor = cheapestAnchor(needed.map((e) => classes[e.classId]!.anchor));
  const index = parsed.elements.findIndex((e) => classes[e.classId]!.anchor === anchor);
  const reach = parsed.elements
    .slice(0, index + 1)
    .reduce((sum, e, i) => sum + classes[e.classId]!.longest + (i === 0 ? 0 : e.max), 0);
  const phrase = {
    ...parsed,
    reach,
    anchored: !anchor.common,
    ...neighboursOf(parsed.elements, index, classes),
    required: requiredOf(parsed.elements, classes),
    cost: anchor.cost,
  };
  const own = classes[parsed.elements[index]!.classId]!;
  const words = anchor.common ? [] : anchor.words;
  return { phrase, anchors: new Map(words.map((word) => [word, aroundOf(word, own)])) };
};

/** How an occurrence of the class can lie about one of its words; null where it may lie in any way. */
const aroundOf = (word: number, { sequences, composites }: Vocabulary['classes'][number]): Waking['around'] => {
  if (composites.length > 0) return null;
  const placed = sequences.flatMap((words) =>
    words.flatMap((each, offset): Placed[] => (each === word ? [{ offset, words }] : [])),
  );
  return placed.some(({ words }) => words.length === 1) ? null : placed;
};

/** The elements on both sides of the anchor, where they are no options and plain words, which are quickly looked for. */
const neighboursOf = (
  elements: readonly Element[],
  anchor: number,
  classes: Vocabulary['classes'],
): Pick<Phrase, 'before' | 'after'> => {
  const own = elements[anchor]!;
  const within = classes[own.classId]!.longest - 1;
  const [left, right] = [elements[anchor - 1], elements[anchor + 1]];
  const plain = (e: Element | undefined): e is Element =>
    e !== undefined && !e.optional && classes[e.classId]!.composites.length === 0;
  return {
    before: plain(left) ? { classId: left.classId, reach: within + own.max + classes[left.classId]!.longest } : null,
    after: plain(right) ? { classId: right.classId, reach: within + right.max + 1 } : null,
  };
};

/** Classes to look for before a phrase is tried, the rarest first: most tries end at the first that is not there. */
const requiredOf = (elements: readonly Element[], classes: Vocabulary['classes']): number[] =>
  [...new Set(elements.filter((e) => !e.optional).map((e) => e.classId))].sort(
    (a, b) => classes[a]!.anchor.cost - classes[b]!.anchor.cost,
  );

/** The part that wakes least often, of those that rare words betray; the first where there is none (refused later). */
const triggerOf = (parts: readonly (readonly number[])[], phrases: readonly Phrase[]): number => {
  const cost = (part: number): number => parts[part]!.reduce((sum, p) => sum + phrases[p]!.cost, 0);
  const able = [...parts.keys()].filter((part) => parts[part]!.every((p) => phrases[p]!.anchored));
  return able.sort((a, b) => cost(a) - cost(b))[0] ?? 0;
};

const entriesOf = ({ classes }: Vocabulary): Ruleset['entries'] => {
  const entries = new Map<number, Map<number, (readonly number[])[]>>();
  for (const [classId, { sequences }] of classes.entries()) {
    for (const [first, ...rest] of sequences) {
      const byClass = entries.get(first!) ?? new Map<number, (readonly number[])[]>();
      entries.set(first!, byClass);
      byClass.set(classId, [...(byClass.get(classId) ?? []), rest]);
    }
  }
  return entries;
};

const compositesOf = ({ classes }: Vocabulary): Ruleset['composites'] =>
  new Map(
    [...classes.entries()]
      .filter(([, { composites }]) => composites.length > 0)
      .map(([classId, { composites }]) => [
        classId,
        composites.map((elements) => ({
          elements,
          atStart: false,
          reach: 0,
          anchored: false,
          before: null,
          after: null,
          required: requiredOf(elements, classes),
          cost: 0,
        })),
      ]),
  );
