import { CodedError } from '../../../domain/errors.ts';
import type { Lexicon } from '../rule.ts';
import { type Anchor, anchorOf, cheapestAnchor, mergeAnchors } from './anchor.ts';
import { frequencyOf } from './frequency.ts';
import { parsePattern } from './pattern.ts';
import { cutWords, inflect } from './words.ts';

// Words of all rules and classes, numbered; and what each class stands for: sequences of words, which go into one trie,
// and composite entries, which are small phrases over other classes, since multiplying those out would fill memory.

/** One position of a phrase: a class, after a gap of `min` to `max` words. */
export interface Element {
  readonly classId: number;
  readonly min: number;
  readonly max: number;
  readonly optional: boolean;
}

/** A class entry with more sequences than this is kept as a phrase. */
const MAX_SEQUENCES = 64;

const NO_CLASS: WordClass = {
  sequences: [],
  composites: [],
  shortest: 0,
  longest: 0,
  anchor: { words: [], cost: 0, common: false },
  firsts: [],
  starters: 0,
};

export interface WordClass {
  readonly sequences: readonly (readonly number[])[];
  readonly composites: readonly (readonly Element[])[];
  /** Words of the shortest and of the longest thing the class stands for. */
  readonly shortest: number;
  readonly longest: number;
  readonly anchor: Anchor;
  /** Words that may begin it. */
  readonly firsts: readonly number[];
  /** Rough share of sentences that hold one of them. */
  readonly starters: number;
}

export interface Vocabulary {
  /** @throws CodedError `invalid_rule` */
  elements(pattern: string): { readonly elements: readonly Element[]; readonly atStart: boolean };
  /** Class of a name in the lexicon. */
  named(name: string): number;
  /** Classes by id; those that a composite refers to come before its own. */
  readonly classes: readonly WordClass[];
  readonly wordIds: ReadonlyMap<number, number>;
}

export const createVocabulary = (lexicon: Lexicon): Vocabulary => {
  const wordIds = new Map<number, number>();
  const words: string[] = [''];
  const classIds = new Map<string, number>();
  const classes: WordClass[] = [NO_CLASS];
  const open: string[] = [];

  const idsOf = (text: string): number[] =>
    cutWords(text).map(({ hash, start, end }) => {
      let id = wordIds.get(hash);
      if (id === undefined) {
        id = words.push(text.slice(start, end).toLowerCase()) - 1;
        wordIds.set(hash, id);
      }
      return id;
    });

  const expandWord = (text: string): number[][] => {
    const forms = text.endsWith('~') ? inflect(text.slice(0, -1)) : [text];
    const sequences = forms.map(idsOf);
    if (sequences.some((s) => s.length === 0)) throw new CodedError('invalid_rule', `"${text}" holds no word`);
    return sequences;
  };

  const expandWords = (text: string): number[][] =>
    text
      .split(/\s+/)
      .map(expandWord)
      .reduce<number[][]>((rows, forms) => rows.flatMap((row) => forms.map((form) => [...row, ...form])), [[]]);

  /** The sequences of an entry made of words alone, or undefined where they are too many or it holds more than words. */
  const expandEntry = (entry: string): number[][] | undefined => {
    let rows: number[][] = [[]];
    for (const node of parsePattern(entry)) {
      if (node.kind !== 'words') return undefined;
      const choices = node.alternatives.flatMap(expandWords);
      const next = node.optional ? [...choices, []] : choices;
      rows = rows.flatMap((row) => next.map((choice) => [...row, ...choice]));
      if (rows.length > MAX_SEQUENCES) return undefined;
    }
    return rows;
  };

  const define = (key: string, make: () => Pick<WordClass, 'sequences' | 'composites'>): number => {
    const known = classIds.get(key);
    if (known !== undefined) return known;
    const { sequences, composites } = make();
    const unique = [...new Map(sequences.map((s) => [s.join(' '), s])).values()];
    const parts = composites.map((elements) => cheapestAnchor(anchorsOf(elements)));
    const firsts = [...new Set([...unique.map(([first]) => first!), ...composites.flatMap(firstsOf)])];
    const id = classes.push({
      sequences: unique,
      composites,
      shortest: Math.min(...unique.map((s) => s.length), ...composites.map(leastOf)),
      longest: Math.max(0, ...unique.map((s) => s.length), ...composites.map(widthOf)),
      anchor: mergeAnchors([anchorOf(unique, (id) => words[id]!), ...parts]),
      firsts,
      starters: firsts.reduce((sum, id) => sum + frequencyOf(words[id]!), 0),
    });
    classIds.set(key, id - 1);
    return id - 1;
  };

  const anchorsOf = (elements: readonly Element[]): Anchor[] =>
    elements.filter((e) => !e.optional).map((e) => classes[e.classId]!.anchor);

  const widthOf = (elements: readonly Element[]): number =>
    elements.reduce((sum, e) => sum + e.max + classes[e.classId]!.longest, 0);

  /** Words of the shortest match. */
  const leastOf = (elements: readonly Element[]): number =>
    elements.reduce((sum, e) => sum + (e.optional ? 0 : e.min + classes[e.classId]!.shortest), 0);

  /** Words that may begin a match. */
  const firstsOf = (elements: readonly Element[]): number[] => {
    const needed = elements.findIndex((e) => !e.optional);
    return elements.slice(0, needed + 1).flatMap((e) => classes[e.classId]!.firsts);
  };

  const named = (name: string): number => {
    const entries = lexicon.get(name);
    if (entries === undefined) throw new CodedError('invalid_rule', `There is no word class {${name}}`);
    if (open.includes(name)) throw new CodedError('invalid_rule', `The word class {${name}} includes itself`);
    open.push(name);
    try {
      return define(`{${name}}`, () => {
        const sequences: number[][] = [];
        const composites: (readonly Element[])[] = [];
        for (const entry of entries) {
          const rows = expandEntry(entry);
          if (rows === undefined) composites.push(elementsOf(entry).elements);
          else sequences.push(...rows);
        }
        return { sequences, composites };
      });
    } finally {
      open.pop();
    }
  };

  const elementsOf: Vocabulary['elements'] = (pattern) => {
    const elements: Element[] = [];
    let atStart = false;
    let gap = { min: 0, max: 0 };
    for (const node of parsePattern(pattern)) {
      switch (node.kind) {
        case 'start':
          atStart = true;
          break;
        case 'gap':
          gap = { min: node.min, max: node.max };
          break;
        case 'class':
        case 'words': {
          const classId =
            node.kind === 'class'
              ? named(node.name)
              : define(`(${node.alternatives.join('|')})`, () => ({
                  sequences: node.alternatives.flatMap(expandWords),
                  composites: [],
                }));
          elements.push({ classId, ...gap, optional: node.optional });
          gap = { min: 0, max: 0 };
        }
      }
    }
    return { elements, atStart };
  };

  return { elements: elementsOf, named, classes, wordIds };
};
