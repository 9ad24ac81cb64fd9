import { CodedError } from '../../../domain/errors.ts';
import type { Clause, Lexicon, Rule } from '../rule.ts';
import { cheapestAnchor } from './anchor.ts';
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
  /** Classes that must all occur: a sentence without a betraying word of one of them cannot match. */
  readonly needs: readonly number[];
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
}

export interface Ruleset {
  readonly rules: readonly Rule[];
  readonly phrases: readonly Phrase[];
  readonly clauses: readonly CompiledClause[];
  /** Phrase → the clause parts it serves. */
  readonly uses: readonly (readonly { readonly clause: number; readonly part: number }[])[];
  /** Rule → phrases in whose sentence it stays quiet. */
  readonly unless: readonly (readonly number[])[];
  /** Word id → phrases it wakes. */
  readonly woken: readonly (readonly number[])[];
  /** Word id → classes that the word betrays (see anchor.ts). */
  readonly betrays: readonly (readonly number[])[];
  /** Words of text, by 32-bit hash. */
  readonly wordIds: ReadonlyMap<number, number>;
  /** First word → class → the rests of the class's sequences that begin with it. */
  readonly entries: ReadonlyMap<number, ReadonlyMap<number, readonly (readonly number[])[]>>;
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
  const woken: number[][] = [];

  const phraseOf = (pattern: string): number => {
    const known = phraseIds.get(pattern);
    if (known !== undefined) return known;
    const { phrase, anchors } = compilePhrase(pattern, vocabulary);
    const id = phrases.push(phrase) - 1;
    phraseIds.set(pattern, id);
    for (const word of anchors) {
      woken[word] ??= [];
      woken[word].push(id);
    }
    return id;
  };

  const compileClause = (rule: number, clause: string | Clause): CompiledClause => {
    if (typeof clause === 'string') return { rule, parts: [[phraseOf(clause)]], not: [], within: 1 };
    return {
      rule,
      parts: clause.all.map((part) => (typeof part === 'string' ? [part] : part).map(phraseOf)),
      not: (clause.not ?? []).map(phraseOf),
      within: clause.within,
    };
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
  // Exclusions wake nothing: they are looked for only where something was found.
  const uses = usesOf(phrases, clauses);
  const cues = Object.fromEntries(CUES.map((name) => [name, vocabulary.named(`cue.${name}`)]));
  return {
    rules,
    phrases,
    clauses,
    uses,
    unless,
    woken: Array.from({ length: woken.length }, (_, i) =>
      (woken[i] ?? []).filter((phrase) => uses[phrase]!.length > 0),
    ),
    betrays: betraysOf(vocabulary, new Set(phrases.flatMap((p, i) => (uses[i]!.length > 0 ? p.needs : [])))),
    wordIds: vocabulary.wordIds,
    entries: entriesOf(vocabulary),
    composites: compositesOf(vocabulary),
    classCount: vocabulary.classes.length,
    cues: cues as Record<CueName, number>,
  };
};

const compilePhrase = (
  pattern: string,
  { elements, classes }: Vocabulary,
): { phrase: Phrase; anchors: readonly number[] } => {
  const parsed = elements(pattern);
  const needed = parsed.elements.filter((e) => !e.optional).map((e) => e.classId);
  const anchor = cheapestAnchor(needed.map((id) => classes[id]!.anchor));
  const index = parsed.elements.findIndex((e) => classes[e.classId]!.anchor === anchor);
  const reach = parsed.elements
    .slice(0, index + 1)
    .reduce((sum, e, i) => sum + classes[e.classId]!.longest + (i === 0 ? 0 : e.max), 0);
  // A class that function words betray is nearly always there: asking for it costs more than it saves.
  const telling = needed.filter((id) => !classes[id]!.anchor.common);
  const phrase = {
    ...parsed,
    reach,
    anchored: !anchor.common,
    needs: [...new Set(telling)],
    ...neighboursOf(parsed.elements, index, classes),
    required: requiredOf(parsed.elements, classes),
    cost: anchor.cost,
  };
  return { phrase, anchors: anchor.common ? [] : anchor.words };
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

/** Parts that must be noticed when they occur: all where a clause spans sentences, else the one that wakes least often. */
const noticed = ({ parts, within }: CompiledClause, phrases: readonly Phrase[]): readonly number[] => {
  const indexes = [...parts.keys()];
  if (within > 1) return indexes;
  const cost = (part: number): number => parts[part]!.reduce((sum, p) => sum + phrases[p]!.cost, 0);
  const able = indexes.filter((part) => parts[part]!.every((p) => phrases[p]!.anchored));
  return able.sort((a, b) => cost(a) - cost(b)).slice(0, 1);
};

const usesOf = (
  phrases: readonly Phrase[],
  clauses: readonly CompiledClause[],
): { clause: number; part: number }[][] => {
  const uses: { clause: number; part: number }[][] = phrases.map(() => []);
  clauses.forEach((clause, c) => {
    for (const part of noticed(clause, phrases)) {
      for (const phrase of clause.parts[part]!) uses[phrase]!.push({ clause: c, part });
    }
  });
  return uses;
};

const betraysOf = ({ classes, wordIds }: Vocabulary, needed: ReadonlySet<number>): number[][] => {
  const betrays: number[][] = Array.from({ length: wordIds.size + 1 }, () => []);
  for (const [classId, { anchor }] of classes.entries()) {
    if (needed.has(classId)) for (const word of anchor.words) betrays[word]!.push(classId);
  }
  return betrays;
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
          needs: [],
          before: null,
          after: null,
          required: requiredOf(elements, classes),
          cost: 0,
        })),
      ]),
  );
