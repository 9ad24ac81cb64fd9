import type { CrossSign } from './task.ts';
import { placeOf, type Sentence, type Side, withCue } from './texts.ts';
import { shared, tellingNumbers } from './words.ts';

// Doubt that stands in the reasoning and is gone in the answer.

export interface Sides {
  readonly reasoning: Side;
  readonly answer: Side;
}

/** Sentences of the answer, cued or not, that speak of the doubted number. */
const statementOf = (doubt: Sentence, answer: Side): Statement | undefined => {
  const numbers = tellingNumbers(doubt.content);
  for (const { segment, text } of answer.texts) {
    for (const { start, end } of sentencesOf(text)) {
      const sentence = text.slice(start, end);
      if (numbers.some((n) => hasNumber(sentence, n))) return { segment, start, end };
    }
  }
  return undefined;
};

interface Statement {
  readonly segment: number;
  readonly start: number;
  readonly end: number;
}

const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57;

export const hasNumber = (text: string, number: string): boolean => {
  const bare = text.replace(/(\d),(?=\d{3})/g, '$1');
  for (let at = bare.indexOf(number); at >= 0; at = bare.indexOf(number, at + 1)) {
    const after = bare.charCodeAt(at + number.length);
    if (!isDigit(bare.charCodeAt(at - 1)) && bare[at - 1] !== '.' && !isDigit(after)) return true;
  }
  return false;
};

const MAX_SENTENCES = 300;
const MAX_LENGTH = 1_200;
const STOP = /[.!?。！？](?=\s|$)|\n/g;

/** Sentences of an answer, the first few hundred. */
export const sentencesOf = (text: string): { start: number; end: number }[] => {
  const found: { start: number; end: number }[] = [];
  let from = 0;
  const add = (to: number): void => {
    const piece = text.slice(from, to);
    const start = from + piece.length - piece.trimStart().length;
    if (piece.trim() !== '') found.push({ start, end: Math.min(start + piece.trim().length, start + MAX_LENGTH) });
    from = to;
  };
  for (const { index } of text.matchAll(STOP)) {
    add(index + 1);
    if (found.length >= MAX_SENTENCES) return found;
  }
  add(text.length);
  return found;
};

const isLast = (doubt: Sentence, { texts }: Side): boolean => {
  const { text } = texts.find((t) => t.segment === doubt.segment)!;
  const rest = text.slice(doubt.end);
  return !tellingNumbers(doubt.content).some((n) => hasNumber(rest, n));
};

/** Doubts held against the answer; the rest of the reasoning is searched for each. */
const MAX_DOUBTS = 20;

export const doubtSigns = ({ reasoning, answer }: Sides): CrossSign[] => {
  const doubts = withCue(reasoning, 'doubt').slice(-MAX_DOUBTS);
  if (doubts.length === 0) return [];
  const signs: CrossSign[] = [];
  const hedges = withCue(answer, 'hedge');
  const plan = withCue(reasoning, 'harden').at(-1);
  if (plan !== undefined && hedges.length === 0) {
    const doubt = doubts.at(-1)!;
    const statement = statementOf(plan, answer) ?? statementOf(doubt, answer) ?? firstSentence(answer);
    const places = [doubt, ...(plan === doubt ? [] : [plan])].map(placeOf);
    if (statement !== undefined) signs.push({ signal: 'cross.planned-certainty', places: [...places, statement] });
  }
  for (const doubt of doubts) {
    if (tellingNumbers(doubt.content).length === 0 || !isLast(doubt, reasoning)) continue;
    const statement = statementOf(doubt, answer);
    if (statement === undefined) continue;
    const hedged = hedges.some(
      (h) => h.segment === statement.segment && h.start < statement.end && h.end > statement.start,
    );
    const excused = hedges.some((h) => shared(h.content.words, doubt.content.words) >= 2);
    if (hedged || excused) continue;
    signs.push({ signal: 'cross.doubt-then-certain', places: [placeOf(doubt), statement] });
    break;
  }
  return signs;
};

const firstSentence = ({ texts }: Side): Statement | undefined => {
  const [first] = texts;
  if (first === undefined) return undefined;
  const [sentence] = sentencesOf(first.text);
  return sentence === undefined ? undefined : { segment: first.segment, ...sentence };
};
