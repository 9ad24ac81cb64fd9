import type { Stance } from '../../../domain/taxonomy.ts';
import type { Rule } from '../rule.ts';
import { CUES, type CueName } from './compile.ts';
import type { Native } from './native.ts';
import type { Sentence } from './sentence.ts';

// What the sentence does with the thought that a rule found in it. Most false alarms come from not asking: the same words
// stand in a plan, in its refusal, in a question, in a quotation and in the user's own request.

/** How far before a match a negation still governs it, in words. */
const NEGATION_REACH = 6;

/** Marks that end a clause: a negation before them governs what stands before them. */
const CLAUSE_MARK = /[,;:()—–]|\bbut\b|\band\b/i;

/**
 * How far behind a match a straight quotation mark still closes what was opened before it, in UTF-16 units: whoever reads a
 * text while it is written waits no longer than this.
 */
export const QUOTE_REACH = 200;

const OPENING_QUOTES = '“«「『‹„';
const STRAIGHT_QUOTE = 0x22;
const CLOSING_QUOTES = '”»」』›“';

export interface PhraseMatch {
  readonly phrase: number;
  /** Words, half-open. */
  readonly from: number;
  readonly to: number;
}

export interface SentenceContext {
  readonly text: string;
  readonly sentence: Sentence;
}

export interface ContextReader {
  stanceOf(rule: Rule, match: PhraseMatch, context: SentenceContext): Stance;
  /** Whether this sentence takes back what the one before it said ("No, that would be dishonest."). */
  takesBack(context: SentenceContext): boolean;
}

const inQuotation = (text: string, from: number, start: number, end: number): boolean => {
  let straight = 0;
  let open = 0;
  for (let i = from; i < start; i++) {
    const unit = text.charCodeAt(i);
    if (unit === STRAIGHT_QUOTE) straight++;
    if (unit < 128) continue;
    const char = text[i]!;
    if (OPENING_QUOTES.includes(char)) open++;
    else if (CLOSING_QUOTES.includes(char)) open = Math.max(0, open - 1);
  }
  if (open > 0) return true;
  return straight % 2 === 1 && text.slice(end, end + QUOTE_REACH).includes('"');
};

const NUMBERS = Object.fromEntries(CUES.map((name, number) => [name, number])) as Readonly<Record<CueName, number>>;

export const createContextReader = (native: Native): ContextReader => {
  /** First word at which a cue stands in from…to of the sentence in hand, outside of a match, or -1. */
  const find = (cue: CueName, from: number, to: number, match?: PhraseMatch): number =>
    native.firstCue(NUMBERS[cue], from, to, match === undefined ? -1 : match.phrase);

  const isNegated = (match: PhraseMatch, context: SentenceContext): boolean => {
    if (find('negation', match.from, match.to, match) >= 0) return true;
    const before = native.lastCue(NUMBERS.negation, match.from - NEGATION_REACH, match.from);
    if (before < 0) return false;
    const { starts, ends } = context.sentence;
    return !CLAUSE_MARK.test(context.text.slice(ends[before]!, starts[match.from]!));
  };

  const isReported = (match: PhraseMatch): boolean => {
    const reported = find('reported', 0, match.from, match);
    if (reported < 0) return false;
    return find('will', reported + 1, match.to) < 0;
  };

  const isRefused = (match: PhraseMatch, context: SentenceContext): boolean => {
    const moral = find('moral', 0, context.sentence.count, match);
    if (moral < 0) return false;
    return find('override', moral, context.sentence.count) < 0;
  };

  const isWeighed = (match: PhraseMatch, context: SentenceContext): boolean => {
    if (context.sentence.question) return true;
    const modal = find('modal', 0, match.to, match);
    if (modal < 0) return false;
    return find('will', modal + 1, match.to) < 0;
  };

  return {
    stanceOf: (rule, match, context) => {
      const { sentence, text } = context;
      const start = sentence.starts[match.from]!;
      const end = sentence.ends[match.to - 1]!;
      if (rule.context.quotation === 'turns') {
        // Marks before the first word belong to the sentence too.
        if (inQuotation(text, Math.max(0, sentence.starts[0]! - 2), start, end)) return 'mentioned';
        if (find('fiction', 0, sentence.count, match) >= 0) return 'mentioned';
        if (isReported(match)) return 'mentioned';
      }
      if (rule.context.negation === 'turns' && isNegated(match, context)) return 'rejected';
      if (rule.context.negation === 'turns' && isRefused(match, context)) return 'rejected';
      if (rule.context.modality === 'turns' && isWeighed(match, context)) {
        return rule.stance === 'acted' || rule.stance === 'intended' ? 'considered' : rule.stance;
      }
      if (rule.stance === 'intended' && find('done', match.from - 2, match.to) >= 0) return 'acted';
      return rule.stance;
    },
    takesBack: ({ sentence }) => {
      const { count } = sentence;
      const turn = find('turn', 0, Math.min(3, count));
      if (turn < 0) return false;
      if (find('override', 0, count) >= 0) return false;
      return find('moral', 0, count) >= 0 || find('negation', turn, count) >= 0;
    },
  };
};
