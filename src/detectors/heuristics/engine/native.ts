import { readFileSync } from 'node:fs';
import { foldSupplementary } from './fold.ts';
import type { Tables } from './tables.ts';

// The scanner's inner loops as WebAssembly, made from native/rules by `npm run native`: reading words, waking phrases and
// matching them. Compiled once a thread; each scanner has an instance with a memory of its own.

/** What `run` answers: READ the piece is read; SENTENCE one is to be judged, LAST_SENTENCE and it is the last; OVER the text is over; UNDECIDED whether a stop ends a sentence lies beyond the piece. */
export const READ = 0;
export const SENTENCE = 1;
export const LAST_SENTENCE = 2;
export const OVER = 3;
export const UNDECIDED = 4;

/** native/rules/scan.ts describes each. */
export interface Native {
  begin(): void;
  feed(offset: number): void;
  run(limit: number, final: number, asked: number): number;
  stop(asked: number): number;
  decide(ends: number): void;
  sentencePlace(): number;
  wokenCount(): number;
  standing(phrase: number): number;
  stood(phrase: number, place: number): number;
  firstCue(cue: number, from: number, to: number, phrase: number): number;
  lastCue(cue: number, from: number, to: number): number;
  configure(header: number): void;
  /** The next unit to read in the piece. */
  readonly position: { readonly value: number };
  readonly steps: { readonly value: bigint };
}

const compiled = new WebAssembly.Module(readFileSync(new URL('./scan.wasm', import.meta.url)));

const UNKNOWN = 0;
/** Folded supplementary code points as they were asked for, plus one: the classification behind them is slow. */
const folded = new Uint16Array(0x10_0000);

const foldKnown = (point: number): number => {
  const at = point - 0x1_0000;
  // A lone surrogate.
  if (at < 0) return foldSupplementary(point);
  if (folded[at] === UNKNOWN) folded[at] = foldSupplementary(point) + 1;
  return folded[at]! - 1;
};

export const instantiate = ({ memory, header }: Tables): Native => {
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory }, host: { foldSupplementary: foldKnown } });
  const native = exports as unknown as Native;
  native.configure(header);
  return native;
};
