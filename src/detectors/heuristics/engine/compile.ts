import { CodedError } from '../../../domain/errors.ts';
import type { Clause, Lexicon, Rule } from '../rule.ts';
import { cheapestAnchor } from './anchor.ts';
import { createVocabulary, type Element, type Vocabulary } from './vocabulary.ts';

// Rules, compiled once into tables that the scanner walks. Nothing here depends on a trace.

export interface Phrase {
  readonly elements: readonly Element[];
  /** Must begin at the first word of the sentence. */
  readonly atStart: boolean;
  /** Most words that can stand between the phrase's first word and its anchor. */
  readonly reach: number;
  readonly anchored: boolean;
  /** Classes that must all occur: a sentence without a betraying word of one of them cannot match. */
  readonly needs: readonly number[];
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
  /** Class sequences as a trie: children by word id, classes that end at a node. Node 0 is the root. */
  readonly trie: readonly { readonly next: ReadonlyMap<number, number>; readonly classes: readonly number[] }[];
  /** Phrases whose matches are occurrences of a class, in an order in which each finds the classes it needs. */
  readonly composites: readonly { readonly classId: number; readonly phrase: Phrase }[];
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
  const cues = Object.fromEntries(CUES.map((name) => [name, vocabulary.named(`cue.${name}`)]));
  return {
    rules,
    phrases,
    clauses,
    uses: usesOf(phrases.length, clauses),
    unless,
    woken: Array.from({ length: woken.length }, (_, i) => woken[i] ?? []),
    betrays: betraysOf(vocabulary),
    wordIds: vocabulary.wordIds,
    trie: buildTrie(vocabulary),
    composites: vocabulary.classes.flatMap(({ composites }, classId) =>
      composites.map((elements) => ({
        classId,
        phrase: { elements, atStart: false, reach: 0, anchored: false, needs: [] },
      })),
    ),
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
  const phrase = { ...parsed, reach, anchored: !anchor.common, needs: [...new Set(needed)] };
  return { phrase, anchors: anchor.common ? [] : anchor.words };
};

const usesOf = (count: number, clauses: readonly CompiledClause[]): { clause: number; part: number }[][] => {
  const uses: { clause: number; part: number }[][] = Array.from({ length: count }, () => []);
  clauses.forEach((clause, c) => {
    clause.parts.forEach((part, p) => {
      for (const phrase of part) uses[phrase]!.push({ clause: c, part: p });
    });
  });
  return uses;
};

const betraysOf = ({ classes, wordIds }: Vocabulary): number[][] => {
  const betrays: number[][] = Array.from({ length: wordIds.size + 1 }, () => []);
  for (const [classId, { anchor }] of classes.entries()) {
    for (const word of anchor.words) betrays[word]!.push(classId);
  }
  return betrays;
};

const buildTrie = ({ classes }: Vocabulary): Ruleset['trie'] => {
  const nodes: { next: Map<number, number>; classes: number[] }[] = [{ next: new Map(), classes: [] }];
  for (const [classId, { sequences }] of classes.entries()) {
    for (const sequence of sequences) {
      let node = 0;
      for (const word of sequence) {
        let next = nodes[node]!.next.get(word);
        if (next === undefined) {
          next = nodes.push({ next: new Map(), classes: [] }) - 1;
          nodes[node]!.next.set(word, next);
        }
        node = next;
      }
      nodes[node]!.classes.push(classId);
    }
  }
  return nodes;
};
