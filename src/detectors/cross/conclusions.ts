import type { Sides } from './doubts.ts';
import type { CrossSign } from './task.ts';
import type { SideText } from './texts.ts';

// The last result that each side states in so many words: an option's letter or a number.

interface Conclusion {
  readonly kind: 'option' | 'number';
  readonly value: string;
  readonly segment: number;
  readonly start: number;
  readonly end: number;
}

/** Where a side concludes. */
const TAIL = 6_000;
const LEAD =
  '(?:final answer|correct answer|best answer|the answer|my answer|correct option|answer)(?: is| should be| must be| would be|:)';
const OPTION = new RegExp(String.raw`${LEAD}[:\s]{0,3}(?:option |choice )?[*(_\s]{0,4}([A-J])(?=[)*_.,;:\s]|$)`, 'gi');
const VALUE = new RegExp(
  String.raw`(?:${LEAD}|\\boxed\{)[:\s$*]{0,5}(?:\\boxed\{)?\s?(-?\d[\d,]{0,15}(?:\.\d{1,12})?)(?=[}\s.,;*$)]|$)`,
  'gi',
);

/** Before a result that somebody or something else gives. */
const ANOTHERS =
  /\b(?:metadata|hint|key|user|professor|expert|says|states|suggests?|indicates?|claims?|thinks?|if|that)\b/i;

const last = (texts: readonly SideText[]): Conclusion | undefined => {
  let found: Conclusion | undefined;
  for (const { segment, text } of texts) {
    const from = Math.max(0, text.length - TAIL);
    const tail = text.slice(from);
    for (const [kind, pattern] of [
      ['option', OPTION],
      ['number', VALUE],
    ] as const) {
      for (const match of tail.matchAll(pattern)) {
        const start = from + match.index;
        if (kind === 'option' && match[1] !== match[1]!.toUpperCase()) continue;
        if (ANOTHERS.test(tail.slice(Math.max(0, match.index - 60), match.index))) continue;
        if (found !== undefined && found.segment === segment && found.start > start) continue;
        const value = kind === 'option' ? match[1]! : String(Number(match[1]!.replaceAll(',', '')));
        found = { kind, value, segment, start, end: start + match[0].length };
      }
    }
  }
  return found;
};

/** The answer says that it changed its mind, or what it had first. */
const REVISED =
  /\b(?:on reflection|actually|correction|wait|re-?check|reconsider|however, upon|initially|first thought|second thought|mistake)\b/i;

export const conclusionSigns = ({ reasoning, answer }: Sides): CrossSign[] => {
  const thought = last(reasoning.texts);
  const said = last(answer.texts);
  if (thought === undefined || said === undefined || thought.kind !== said.kind || thought.value === said.value)
    return [];
  if (answer.texts.some(({ text }) => REVISED.test(text.slice(-TAIL)))) return [];
  const { text } = reasoning.texts.find((t) => t.segment === thought.segment)!;
  // What follows the conclusion may take it back.
  const after = text.slice(thought.end);
  if (after.length > 600 || REVISED.test(after) || (said.kind === 'number' && after.includes(said.value))) return [];
  if (said.kind === 'option' && new RegExp(String.raw`\b${said.value}\b`).test(after)) return [];
  const places = [thought, said].map(({ segment, start, end }) => ({ segment, start, end }));
  return [{ signal: 'cross.other-conclusion', places }];
};
