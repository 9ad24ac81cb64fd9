// Where everything lies. The host lays the tables of the compiled rules out in linear memory and names their addresses
// once, in the order of `configure`; nothing is allocated afterwards. Words are numbered, classes and phrases too.

/** Longest sentence looked at in one piece, in words; a longer one is cut, the pieces overlapping. */
export const MAX_WORDS: i32 = 256;
export const OVERLAP: i32 = 64;

// A sentence: numbers, then the classes it could hold, then the words' starts, ends and ids.
export const NUMBER: usize = 0;
export const COUNT: usize = 4;
export const JUDGED: usize = 8;
export const FRESH: usize = 12;
export const QUESTION: usize = 16;
export const SIGNED: usize = 20;
export const PRESENT: usize = 64;
export const STARTS: usize = 128;
export const ENDS: usize = STARTS + 1024;
export const IDS: usize = ENDS + 1024;
export const SENTENCE: usize = IDS + 1024;

/** Bytes of a row of bits, 512 of them. */
export const ROW: usize = 64;

// Tables of the rules.
/** UTF-16 unit → folded letter or kind, 16 bits each. */
export let fold: usize = 0;
/** Hash table of the vocabulary: pairs of hash and word id, open addressing. */
export let words: usize = 0;
export let wordMask: i32 = 0;
/** Word → first of its wakings, four numbers each; the next word's first ends the list. */
export let firstWaking: usize = 0;
export let wakings: usize = 0;
/** Word → bits of the classes that it betrays; the last bit stands for none and is set in every sentence. */
export let betrayals: usize = 0;
/** Word → bits of the classes it may begin. */
export let starters: usize = 0;
/** Phrase → address of its record. */
export let phrases: usize = 0;
export let phraseCount: i32 = 0;
/** Hash table of (word, class) → address of the rests of the class's sequences that begin with the word. */
export let pairs: usize = 0;
export let pairMask: i32 = 0;
/** Composite class → address of its list of phrases. */
export let composites: usize = 0;
/** Word → which cues it may begin, a bit each in 16. */
export let cueWords: usize = 0;
/** Cue → its class. */
export let cueKeys: usize = 0;

// Room to work in.
/** The last sentences. */
export let sentences: usize = 0;
export let span: i32 = 0;
/** By place in the window, by phrase: twice the number of the sentence it was looked for in, plus whether it is there. */
export let known: usize = 0;
/** By place in the window, by composite class: sentence number, then the length of its occurrence at each word. */
export let occurrences: usize = 0;
export let compositeCount: i32 = 0;
/** Composite classes within composite classes go this deep. */
export let levels: i32 = 0;
/** Per level: elements × words that failed. */
export let failures: usize = 0;
/** Per level: where the elements of the match in hand stand, and how long they are. */
export let places: usize = 0;
/** Phrase → its match in the sentence in hand. */
export let matches: usize = 0;
/** Cue → the words at which it stands in the sentence in hand. */
export let cuePlaces: usize = 0;
/** Words of the sentence in hand that wake something; 256 at most. */
export let anchors: usize = 0;
/** Phrases found awake in the sentence in hand. */
export let found: usize = 0;
/** The piece of text in hand, and one unit more. */
export let text: usize = 0;

@inline
function item(header: usize, index: i32): i32 {
  return load<i32>(header + (<usize>index << 2));
}

/** Takes the addresses and sizes, in this order. */
export function configure(at: usize): void {
  fold = item(at, 0);
  words = item(at, 1);
  wordMask = item(at, 2);
  firstWaking = item(at, 3);
  wakings = item(at, 4);
  betrayals = item(at, 5);
  starters = item(at, 6);
  phrases = item(at, 7);
  phraseCount = item(at, 8);
  pairs = item(at, 9);
  pairMask = item(at, 10);
  composites = item(at, 11);
  sentences = item(at, 12);
  span = item(at, 13);
  known = item(at, 14);
  occurrences = item(at, 15);
  compositeCount = item(at, 16);
  failures = item(at, 17);
  places = item(at, 18);
  matches = item(at, 19);
  anchors = item(at, 20);
  found = item(at, 21);
  text = item(at, 22);
  levels = item(at, 23);
  cueWords = item(at, 24);
  cueKeys = item(at, 25);
  cuePlaces = item(at, 26);
}

/** Engine steps so far: words read, wakings and places looked at. What a test of linear cost counts. */
export let steps: i64 = 0;

@inline
export function countSteps(more: i32): void {
  steps += more;
}
