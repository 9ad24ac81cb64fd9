import type { Place } from '../../domain/outcome.ts';
import type { View } from '../../domain/taxonomy.ts';
import type { Encoder } from './encoder.ts';
import { createHead, type HeadFile, headOf } from './head.ts';
import { eachSentence } from './windows.ts';
import { tokenize, type Vocabulary } from './wordpiece.ts';

// Which sentences of a window drove its score: each is left out in turn, and what the score loses by that is its share.
// That costs a run of the encoder for each sentence, so it is asked only about verdicts that somebody will look at.

export interface LocateTask {
  readonly view: View;
  /** Windows, the strongest first, with the text of each. */
  readonly windows: readonly (Place & { readonly text: string })[];
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export interface LocatorDeps {
  readonly encoder: Encoder;
  readonly vocabulary: Vocabulary;
  readonly head: HeadFile;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * The sentences behind the windows' scores, the strongest window's first. A window is answered whole where it is one
 * sentence, where none stands out, and where the time was up.
 */
export type Locate = (task: LocateTask) => Promise<readonly Place[]>;

/** Runs of the encoder for one window; more sentences than that are taken several at a time. */
const MAX_PARTS = 8;

/** A sentence is shown with the strongest one where it moves the score at least so much of what that does. */
const COMPARABLE = 0.5;

/** Sentences shown of one window. */
const MAX_SHOWN = 2;

const partsOf = (text: string): Pick<Place, 'start' | 'end'>[] => {
  const sentences: Pick<Place, 'start' | 'end'>[] = [];
  eachSentence(text, (start, end) => sentences.push({ start, end }));
  const size = Math.ceil(sentences.length / MAX_PARTS);
  return sentences.flatMap((first, i) =>
    i % size === 0 ? [{ start: first.start, end: (sentences[i + size - 1] ?? sentences.at(-1)!).end }] : [],
  );
};

export const createLocator = ({ encoder, vocabulary, head: file, now }: LocatorDeps): Locate => {
  const scoreOf = async (text: string, score: (vector: Float32Array) => number): Promise<number> =>
    score(await encoder.encode(tokenize(text, vocabulary, file.encoder.maxTokens).ids));

  const within = async (
    { text, ...window }: LocateTask['windows'][number],
    score: (vector: Float32Array) => number,
    deadline: number,
  ): Promise<readonly Place[]> => {
    const parts = partsOf(text);
    if (parts.length < 2) return [window];
    const whole = await scoreOf(text, score);
    const drops: number[] = [];
    for (const { start, end } of parts) {
      if (now() >= deadline) return [window];
      drops.push(whole - (await scoreOf(`${text.slice(0, start)}${text.slice(end)}`, score)));
    }
    const most = Math.max(...drops);
    if (most <= 0) return [window];
    return parts
      .map((part, i) => ({ ...part, drop: drops[i]! }))
      .filter(({ drop }) => drop >= most * COMPARABLE)
      .sort((a, b) => b.drop - a.drop)
      .slice(0, MAX_SHOWN)
      .map(({ start, end }) => ({ segment: window.segment, start: window.start + start, end: window.start + end }));
  };

  return async ({ view, windows, deadline }) => {
    const source = headOf(file, view);
    if (source === undefined) return windows.map(({ text: _, ...place }) => place);
    const { score } = createHead(source);
    const places: Place[] = [];
    for (const window of windows) places.push(...(await within(window, score, deadline)));
    return places;
  };
};
