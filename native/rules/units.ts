import * as m from './memory';

// Units of the piece of text in hand, and what they count as: as src/detectors/heuristics/engine/fold.ts and words.ts say.

export const IGNORED: i32 = 1;
export const STOP: i32 = 2;
export const BREAK: i32 = 3;
export const UNSPACED: i32 = 4;
export const HIGH_SURROGATE: i32 = 5;
export const APOSTROPHE: i32 = 6;
export const FIRST_LETTER: i32 = 32;
export const HASH_SEED: i32 = <i32>0x811c9dc5;
export const HASH_FACTOR: i32 = 0x01000193;
export const APOSTROPHE_UNIT: i32 = 39;

@inline
export function unitAt(at: i32): i32 {
  return load<u16>(m.text + (<usize>at << 1));
}

@inline
export function foldOf(unit: i32): i32 {
  return load<u16>(m.fold + (<usize>unit << 1));
}

/** Closing marks that may stand between a stop and the white space after it. */
export function isCloser(unit: i32): bool {
  switch (unit) {
    case 0x22: case 0x27: case 0x29: case 0x5d: case 0x7d: case 0x2a: case 0x5f: case 0x60:
    case 0x201d: case 0x2019: case 0xbb: case 0x300d: case 0x300f:
      return true;
    default:
      return false;
  }
}
