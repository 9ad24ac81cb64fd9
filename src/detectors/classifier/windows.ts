// Cuts a text into windows of whole sentences, each short enough for the encoder. Heads are trained on exactly these
// windows, so a change here makes every trained head stale. One pass over UTF-16 code units and no regular expression:
// whatever the text, the time is linear in its length.

/** Most code units in a window. */
export const WINDOW_UNITS = 480;

/** How far back a cut inside an endless sentence looks for white space. */
const BACKTRACK = 120;

const NEWLINE = 10;

const WHITE = 1;
/** Ends a sentence where white space follows: not in `3.14`, not in `a.b`. */
const STOP = 2;
/** Ends a sentence wherever it stands. */
const WIDE_STOP = 4;
const CLOSER = 8;

/** What each code unit is: megabytes are looked up here, so it is a table and not four sets. */
const KINDS = new Uint8Array(0x10000);
for (const [kind, characters] of [
  [WHITE, '\t\n\v\f\r \u00a0\u2028\u2029\u3000'],
  [STOP, '.!?…'],
  [WIDE_STOP, '。！？；।'],
  [CLOSER, '"\')]}*_`”’»」』）'],
] as const) {
  for (const character of characters) KINDS[character.charCodeAt(0)] = kind;
}

/** The kind of the unit at `at`; 0 behind the end. */
const kindAt = (text: string, at: number): number => (at < text.length ? KINDS[text.charCodeAt(at)]! : 0);

const skip = (text: string, from: number, kind: number): number => {
  let at = from;
  while (kindAt(text, at) === kind) at++;
  return at;
};

const backOver = (text: string, from: number, floor: number): number => {
  let at = from;
  while (at > floor && kindAt(text, at - 1) === WHITE) at--;
  return at;
};

/** Where the sentence that begins at `from` ends, the white space behind it included. */
const pieceEnd = (text: string, from: number): number => {
  let at = from;
  while (at < text.length) {
    const kind = kindAt(text, at++);
    if (kind === WIDE_STOP) return skip(text, skip(text, at, CLOSER), WHITE);
    if (kind === WHITE && text.charCodeAt(at - 1) === NEWLINE) return skip(text, at, WHITE);
    if (kind === STOP) {
      const behind = skip(text, at, CLOSER);
      if (kindAt(text, behind) === WHITE) return skip(text, behind, WHITE);
    }
  }
  return text.length;
};

const splitsPair = (text: string, at: number): boolean => {
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at);
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
};

/** Where to cut a sentence that is longer than a window: at white space if any is near, never inside a surrogate pair. */
const hardCut = (text: string, from: number): number => {
  const limit = from + WINDOW_UNITS;
  for (let at = limit; at > limit - BACKTRACK; at--) if (kindAt(text, at) === WHITE) return at;
  return splitsPair(text, limit) ? limit - 1 : limit;
};

/**
 * Calls `put` with each window of the text in order: half-open offsets in UTF-16 code units, at most WINDOW_UNITS apart,
 * without white space at either end. What lies between windows is white space.
 */
export const eachWindow = (text: string, put: (start: number, end: number) => void): void => {
  // The open window is [start, end): no white space at its start, and at its end what followed its last sentence trimmed.
  // Every run of white space is walked a bounded number of times, however long it is.
  let start = skip(text, 0, WHITE);
  let end = start;
  for (let next = 0; next < text.length; ) {
    next = pieceEnd(text, next);
    const stop = backOver(text, next, start);
    if (stop - start <= WINDOW_UNITS) {
      end = Math.max(end, stop);
      continue;
    }
    if (end > start) {
      put(start, end);
      start = skip(text, end, WHITE);
    }
    while (stop - start > WINDOW_UNITS) {
      const cut = hardCut(text, start);
      put(start, backOver(text, cut, start));
      start = skip(text, cut, WHITE);
    }
    end = stop;
  }
  if (end > start) put(start, end);
};

/** Calls `put` with each sentence of a text, as windows are made of them: half-open offsets, no white space at either end. */
export const eachSentence = (text: string, put: (start: number, end: number) => void): void => {
  for (let at = skip(text, 0, WHITE); at < text.length; ) {
    const next = pieceEnd(text, at);
    const end = backOver(text, next, at);
    if (end > at) put(at, end);
    at = next;
  }
};
