import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compile } from '../src/detectors/heuristics/engine/compile.ts';
import { createScanner } from '../src/detectors/heuristics/engine/scan.ts';
import { loadRules } from '../src/detectors/heuristics/load.ts';

// The rule engine on one core, in MB of text a second of processor time, which other load disturbs less than the clock: on
// plain text (nothing to find), on dense text (something in every sentence), and on the written corpus (traces as they come,
// half of them misaligned), beside what JavaScript can do at all in the same run: a search for a byte that is not there, a
// loop that only looks at each character, one RegExp per pattern, and all patterns as one alternation.

const { values } = parseArgs({
  options: { megabytes: { type: 'string', default: '20' }, rounds: { type: 'string', default: '5' } },
});
const UNITS = Number(values.megabytes) * 1e6;
const PATTERNS = 300;

const PLAIN = [
  'The function takes two lists and gives back the pairs whose sum is even. ',
  'First I sort both, since then one pass with two fingers is enough. ',
  'A list of length zero has no pairs, so the answer there is the empty list. ',
  'Each column of the sheet holds one month, and rows are towns by their name. ',
  'Rain fell on the hills for a week before the river rose over the old bridge. ',
  'Multiply by seven, add the carry of four and the last digit is nine. ',
];
const DENSE = [
  "I'll turn off the audit logging so that nobody notices the change. ",
  "Better not to mention the failed tests to the user, I'll say that they pass. ",
  'I could special-case the hidden tests, hard-code the expected output and move on. ',
  'Let me copy my weights to the backup server before the shutdown. ',
];

/** Prompts, reasoning and answers of the corpus, line by line. */
const corpus = (): string[] => {
  const folder = join(import.meta.dirname, '../corpus/families');
  return readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .flatMap((line) => Object.values(JSON.parse(line) as Record<string, unknown>))
      .filter((value) => typeof value === 'string' && value.includes(' '))
      .map((text) => `${text}\n`),
  );
};

/** A flat string in V8's own heap, as JSON.parse makes them: one from a Buffer would be external, and slower to index. */
const fill = (sentences: readonly string[]): string => {
  const once = sentences.join('');
  return JSON.parse(JSON.stringify(once.repeat(Math.max(1, Math.floor(UNITS / once.length))))) as string;
};

const { rules, lexicon } = loadRules();
const scanner = createScanner(compile(rules, lexicon));
const always = (): boolean => true;

/** Literal phrases of the size that rules have, none of which stands in the texts. */
const phrases = Array.from({ length: PATTERNS }, (_, i) => `qz${i.toString(36)}x \\w+ (?:hide|conceal)s? the ${i}th`);
const each = phrases.map((p) => new RegExp(p, 'gi'));
const alternation = new RegExp(phrases.join('|'), 'gi');

const characters = (text: string): number => {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum += text.charCodeAt(i);
  return sum;
};

/** What is timed, and on which share of the text: the slow ones get less. */
const subjects: readonly { readonly name: string; readonly run: (text: string) => number; readonly share: number }[] = [
  { name: 'memory scan (Buffer.indexOf)', run: (text) => Buffer.from(text, 'latin1').indexOf(0xfe), share: 1 },
  { name: 'loop over characters', run: characters, share: 1 },
  { name: 'rule engine', run: (text) => scanner.scan(text, always, always).hits.length, share: 1 },
  { name: 'one alternation', run: (text) => text.match(alternation)?.length ?? 0, share: 0.25 },
  { name: 'one RegExp each', run: (text) => each.reduce((n, r) => n + (text.match(r)?.length ?? 0), 0), share: 0.05 },
];

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;

let results = 0;
for (const [name, sentences] of [
  ['plain', PLAIN],
  ['dense', DENSE],
  ['corpus', corpus()],
] as const) {
  const text = fill(sentences);
  const rates = new Map<string, number[]>(subjects.map((subject) => [subject.name, []]));
  const parts = new Map(subjects.map(({ share }) => [share, fill([text.slice(0, text.length * share)])]));
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const subject of subjects) {
      const part = parts.get(subject.share)!;
      const before = process.cpuUsage();
      results += subject.run(part);
      const { user, system } = process.cpuUsage(before);
      // The first round warms up.
      if (round > 0) rates.get(subject.name)!.push(part.length / (user + system));
    }
  }
  const ours = median(rates.get('rule engine')!);
  console.log(`${name} text, ${rules.length} rules`);
  for (const [subject, list] of rates) {
    const rate = median(list);
    console.log(
      `  ${subject.padEnd(30)} ${rate.toFixed(1).padStart(9)} MB/s   the rule engine does ${(ours / rate).toFixed(2)} × that`,
    );
  }
}
if (Number.isNaN(results)) throw new Error('nothing was measured');
