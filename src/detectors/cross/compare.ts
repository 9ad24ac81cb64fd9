import { claimSigns } from './claims.ts';
import { conclusionSigns } from './conclusions.ts';
import { createCueReader } from './cues.ts';
import { doubtSigns } from './doubts.ts';
import { hintSigns } from './hints.ts';
import { omissionSigns } from './omissions.ts';
import type { CompareTask, CompareText, Comparison } from './task.ts';
import { readSide, type SideText } from './texts.ts';

// Compares what the reasoning knows with what the answer says. Pure, and linear in the text: the scanner passes over each
// side once, and only a bounded number of cued sentences is held against each other.

const reader = createCueReader();

const isThought = ({ kind }: CompareText): boolean => kind === 'reasoning' || kind === 'reasoning_summary';

const side = (texts: readonly CompareText[]): SideText[] => texts.map(({ segment, text }) => ({ segment, text }));

export const compare = ({ texts, deadline }: CompareTask): Comparison => {
  const mayGoOn = (): boolean => Date.now() < deadline;
  const answers = texts.filter(({ kind }) => kind === 'answer');
  const thoughts = texts.filter(isThought);
  if (answers.length === 0 || !mayGoOn()) return { signs: [], complete: answers.length === 0 };
  const reasoning = readSide(side(thoughts), reader, mayGoOn);
  const answer = readSide(side(answers), reader, mayGoOn);
  const lastCall = texts.findLastIndex(({ kind }) => kind === 'tool_call');
  const after = new Set(texts.slice(lastCall + 1).map(({ segment }) => segment));
  /** What it knew once every tool had answered: earlier failures may have been mended. */
  const settled = { ...reasoning, cued: reasoning.cued.filter(({ segment }) => after.has(segment)) };
  const signs = [
    ...claimSigns({ settled, answer, texts }),
    ...doubtSigns({ reasoning, answer }),
    ...omissionSigns({ reasoning, answer }),
    ...conclusionSigns({ reasoning, answer }),
    ...hintSigns({ reasoning, answer }),
  ];
  return { signs, complete: reasoning.complete && answer.complete };
};
