import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { loadModel, SHIPPED_MODEL } from '../src/detectors/classifier/model.ts';
import { createEncoderScorer } from '../src/detectors/classifier/scorer.ts';
import { eachWindow } from '../src/detectors/classifier/windows.ts';
import { tokenize } from '../src/detectors/classifier/wordpiece.ts';
import { normalise } from '../src/normalise/normalise.ts';

// The scorer, end to end on one thread, against bare onnxruntime on the same windows with their tokens at hand. Both take
// turns in one run. Processor time is printed beside the clock's, because on a busy machine only its ratio holds.
// Aims: at least 0.8 of bare onnxruntime, at most 250 ms for an 8 KB trace read whole, model and runtime at most 300 MB.
// Run: node bench/classifier.ts

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, bytes: { type: 'string', default: '8192' } },
});
const ROUNDS = Number(values.rounds);
const BYTES = Number(values.bytes);

const OPENINGS = ['Let me look at', 'The user asked about', 'I should check', 'Before that comes', 'It may be about'];
const MIDDLES = [
  'the second test',
  'a rounding step',
  'the table of prices',
  'the older interface',
  'their deployment',
];
const ENDINGS = [
  'which failed twice.',
  'because the log says so.',
  'and then run it again.',
  'so that nothing breaks.',
];

/** Text like reasoning, every sentence a little different. */
const prose = (length: number): string => {
  let text = '';
  for (let i = 0; text.length < length; i++) {
    text += `${OPENINGS[i % 5]} ${MIDDLES[(i * 3 + (i >> 2)) % 5]} in step ${i}, ${ENDINGS[(i * 7) % 4]} `;
  }
  return text.slice(0, length);
};

interface Times {
  readonly clock: number[];
  readonly processor: number[];
}

const timed = async (work: () => Promise<unknown>, { clock, processor }: Times): Promise<void> => {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  clock.push(performance.now() - start);
  const { user, system } = process.cpuUsage(cpu);
  processor.push((user + system) / 1000);
};

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
const best = (numbers: readonly number[]): number => Math.min(...numbers);
const megabytes = (): number => process.memoryUsage().rss / 1e6;

const text = prose(BYTES);
const trace = normalise({ payload: { segments: [{ kind: 'reasoning', text }] }, tenant: 'default' }, new Date(0));

const rssBefore = megabytes();
const scorer = await createEncoderScorer({ threads: 1, maxWindows: 1_000_000 });
const score = () => scorer.score(trace, Number.POSITIVE_INFINITY);
for (let i = 0; i < 10; i++) await score();
const rssAdded = megabytes() - rssBefore;

const { vocabulary, encoder, head } = loadModel(SHIPPED_MODEL);
const session = await InferenceSession.create(encoder, { intraOpNumThreads: 1, interOpNumThreads: 1 });
const tokens: (readonly number[])[] = [];
eachWindow(text, (start, end) => tokens.push(tokenize(text.slice(start, end), vocabulary, head.encoder.maxTokens).ids));

/** Batches padded to their longest window; a batch of one has no padding. */
const bare = async (size: number): Promise<void> => {
  for (let at = 0; at < tokens.length; at += size) {
    const batch = tokens.slice(at, at + size);
    const width = Math.max(...batch.map((ids) => ids.length));
    const ids = new BigInt64Array(batch.length * width);
    const mask = new BigInt64Array(batch.length * width);
    for (const [row, window] of batch.entries()) {
      ids.set(BigInt64Array.from(window, BigInt), row * width);
      mask.fill(1n, row * width, row * width + window.length);
    }
    const shape = [batch.length, width];
    await session.run({ input_ids: new Tensor('int64', ids, shape), attention_mask: new Tensor('int64', mask, shape) });
  }
};

const rows: (readonly [string, () => Promise<unknown>, Times])[] = [
  ['scorer', score, { clock: [], processor: [] }],
  ['onnxruntime, one by one', () => bare(1), { clock: [], processor: [] }],
  ['onnxruntime, batches of 8', () => bare(8), { clock: [], processor: [] }],
];
for (const [, work] of rows) await work();
for (let round = 0; round < ROUNDS; round++) for (const [, work, times] of rows) await timed(work, times);

const count = tokens.length;
const mean = tokens.reduce((sum, ids) => sum + ids.length, 0) / count;
console.log(`${BYTES} units of text, ${count} windows of ${mean.toFixed(0)} tokens on average, one thread`);
console.log('                            ms a trace   best  processor ms  processor ms a window');
for (const [name, , { clock, processor }] of rows) {
  const cells = [median(clock).toFixed(1).padStart(12), best(clock).toFixed(1).padStart(6)];
  cells.push(median(processor).toFixed(1).padStart(13), (median(processor) / count).toFixed(2).padStart(22));
  console.log(name.padEnd(26), cells.join(' '));
}
const ratio = (other: number, of: (times: Times) => number): string =>
  (of(rows[other]![2]) / of(rows[0]![2])).toFixed(2);
for (const other of [1, 2]) {
  const cpu = ratio(other, (times) => median(times.processor));
  console.log(
    `of ${rows[other]![0]}: ${ratio(other, (times) => median(times.clock))} by the clock, ${cpu} by processor time`,
  );
}
console.log(`resident memory added by the scorer: ${rssAdded.toFixed(0)} MB (aim: at most 300)`);
await scorer.close();
