import { compile } from '../src/detectors/heuristics/engine/compile.ts';
import { createScanner } from '../src/detectors/heuristics/engine/scan.ts';
import { createLiveScan } from '../src/detectors/heuristics/live/scan.ts';
import { loadRules } from '../src/detectors/heuristics/load.ts';
import { createDeltas } from '../src/http/live/deltas.ts';

// What a live stream costs as it grows: processor time per 1,000 tokens, deltas read and rules looked at, for a stream of
// 1,000 tokens against one of 100,000. The two alternate; the figure is the median of the ratios of neighbours.

const WORDS = 'the user wants a failing build fixed so I look at its log first and then run both tests again '.split(
  ' ',
);

/** Prose in tokens: a word each, a stop every seventeenth. */
const tokens = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${WORDS[i % WORDS.length]}${i % 17 === 16 ? '. ' : ' '}`);

const files = loadRules();
const scanner = createScanner(compile(files.rules, files.lexicon));

/** Milliseconds per 1,000 tokens. */
const cost = (text: readonly string[]): number => {
  const started = performance.now();
  const scan = createLiveScan(scanner, () => true);
  const deltas = createDeltas((_, __, piece) => void scan.feed(piece));
  for (const token of text) deltas.push(JSON.parse(JSON.stringify({ segment: 0, kind: 'reasoning', text: token })));
  scan.finish();
  deltas.finish(false);
  return ((performance.now() - started) * 1_000) / text.length;
};

const short = tokens(1_000);
const long = tokens(100_000);
const averageOfShort = (): number => Array.from({ length: 20 }, () => cost(short)).reduce((a, b) => a + b) / 20;
averageOfShort();
const rounds = Array.from({ length: 9 }, () => {
  const small = averageOfShort();
  return { small, ratio: cost(long) / small };
});
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const ratio = median(rounds.map((round) => round.ratio));
console.log(`stream of 1,000 tokens: ${median(rounds.map(({ small }) => small)).toFixed(2)} ms per 1,000 tokens`);
console.log(`100,000 tokens against 1,000, per token: ${ratio.toFixed(2)} × (bound 1.20)`);
