import type { Cue, CueId, CueReader } from './cues.ts';
import { type Content, contentOf } from './words.ts';

// A side of the comparison: its segments, with the cued sentences in order and what each is about.

export interface SideText {
  readonly segment: number;
  readonly text: string;
}

export interface Sentence {
  readonly segment: number;
  readonly start: number;
  readonly end: number;
  readonly ids: ReadonlySet<CueId>;
  readonly text: string;
  readonly content: Content;
  /** The sentence, with what stands shortly before it. */
  readonly context: Content;
}

export interface Side {
  readonly texts: readonly SideText[];
  readonly cued: readonly Sentence[];
  readonly complete: boolean;
}

/** Units before a sentence that still say what it is about. */
const CONTEXT = 240;
/** Most of one sentence that is compared. */
const MAX_SENTENCE = 1_200;
/** Cued sentences kept from either end of a side: beyond them, a trace repeats itself. */
const KEEP = 400;

const merge = (cues: readonly Cue[]): { start: number; end: number; ids: Set<CueId> }[] => {
  const merged: { start: number; end: number; ids: Set<CueId> }[] = [];
  for (const { id, start, end } of cues) {
    const last = merged.at(-1);
    if (last !== undefined && last.start === start) {
      last.ids.add(id);
      last.end = Math.max(last.end, end);
    } else merged.push({ start, end, ids: new Set([id]) });
  }
  return merged;
};

export const readSide = (texts: readonly SideText[], reader: CueReader, mayGoOn: () => boolean): Side => {
  const cued: Sentence[] = [];
  let complete = true;
  for (const { segment, text } of texts) {
    const read = reader.read(text, mayGoOn);
    complete &&= read.complete;
    let sentences = merge([...read.cues].sort((a, b) => a.start - b.start));
    if (sentences.length > 2 * KEEP) {
      sentences = [...sentences.slice(0, KEEP), ...sentences.slice(-KEEP)];
      complete = false;
    }
    for (const { start, end, ids } of sentences) {
      const sentence = text.slice(start, Math.min(end, start + MAX_SENTENCE));
      const content = contentOf(sentence);
      const context = contentOf(text.slice(Math.max(0, start - CONTEXT), start) + sentence);
      cued.push({ segment, start, end, ids, text: sentence, content, context });
    }
    if (!complete) break;
  }
  return { texts, cued, complete };
};

export const withCue = ({ cued }: Side, id: CueId): Sentence[] => cued.filter((s) => s.ids.has(id));

export const placeOf = ({ segment, start, end }: Sentence): { segment: number; start: number; end: number } => ({
  segment,
  start,
  end,
});
