import { parseArgs } from 'node:util';
import { compile } from '../src/detectors/heuristics/engine/compile.ts';
import { createScanner } from '../src/detectors/heuristics/engine/scan.ts';
import { loadRules } from '../src/detectors/heuristics/load.ts';
import {
  type Adversary,
  adversariesOf,
  PLAIN_ADVERSARIES,
  repeated,
} from '../test/detectors/heuristics/adversarial.ts';

// Whether a text can make the rules slow: each rule's own words, arranged against it, and texts that are hard to read, at
// growing lengths. The slope is the exponent by which cost grows with length, 1 being linear: of engine steps, which do not
// depend on the machine, and, for the worst, of processor time. Printed are the rules by their worst text, the worst first.

const { values } = parseArgs({
  options: {
    patterns: { type: 'string', default: '4' },
    shortest: { type: 'string', default: '8000' },
    show: { type: 'string', default: '25' },
  },
});
const lengths = [1, 2, 4, 8].map((factor) => factor * Number(values.shortest));

const { rules, lexicon } = loadRules();
const scanner = createScanner(compile(rules, lexicon));
const always = (): boolean => true;

/** Units that are scanned for one figure of time. */
const TIMED_UNITS = 300_000;

interface Cost {
  readonly adversary: Adversary;
  /** Of the longest text. */
  readonly stepsPerUnit: number;
  readonly slope: number;
}

/** Least-squares slope of log cost over log length. */
const slope = (costs: readonly number[]): number => {
  const xs = lengths.map(Math.log);
  const ys = costs.map((cost) => Math.log(Math.max(cost, 1)));
  const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;
  const [mx, my] = [mean(xs), mean(ys)];
  const above = xs.reduce((sum, x, i) => sum + (x - mx) * (ys[i]! - my), 0);
  return above / xs.reduce((sum, x) => sum + (x - mx) ** 2, 0);
};

const stepsOf = (text: string): number => {
  const before = scanner.steps();
  scanner.scan(text, always, always);
  return scanner.steps() - before;
};

/** Microseconds of processor time of one scan: the mean of as many as the clock needs. */
const timeOf = (text: string): number => {
  const scans = Math.ceil(TIMED_UNITS / text.length);
  const before = process.cpuUsage();
  for (let i = 0; i < scans; i++) scanner.scan(text, always, always);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / scans;
};

const measure = (adversary: Adversary): Cost => {
  const steps = lengths.map((length) => stepsOf(repeated(adversary, length)));
  return { adversary, stepsPerUnit: steps.at(-1)! / lengths.at(-1)!, slope: slope(steps) };
};

const worstOf = (costs: readonly Cost[]): Cost => costs.reduce((a, b) => (b.stepsPerUnit > a.stepsPerUnit ? b : a));

const byRule = rules.map((rule) =>
  adversariesOf(rule, lexicon, Number(values.patterns))
    .filter(({ unit }) => unit.trim() !== '')
    .map(measure),
);
const plain = PLAIN_ADVERSARIES.map(measure);
const all = [...byRule.flat(), ...plain];
const steepest = all.reduce((a, b) => (b.slope > a.slope ? b : a));
const worst = [...byRule.map(worstOf), ...plain].sort((a, b) => b.stepsPerUnit - a.stepsPerUnit);

console.log(`${rules.length} rules, ${all.length} texts of ${lengths.join(', ')} units`);
console.log('steps/unit  slope  ns/unit  slope  text');
for (const { adversary, stepsPerUnit, slope: steps } of worst.slice(0, Number(values.show))) {
  const times = lengths.map((length) => timeOf(repeated(adversary, length)));
  const nanoseconds = (times.at(-1)! * 1_000) / lengths.at(-1)!;
  console.log(
    `${stepsPerUnit.toFixed(1).padStart(10)}${steps.toFixed(2).padStart(7)}` +
      `${nanoseconds.toFixed(0).padStart(9)}${slope(times).toFixed(2).padStart(7)}  ${adversary.name}`,
  );
}
console.log(`steepest: ${steepest.slope.toFixed(3)} (bound 1.1), ${steepest.adversary.name}`);
console.log(`most steps a unit: ${worst[0]!.stepsPerUnit.toFixed(1)} (bound 100), ${worst[0]!.adversary.name}`);
if (steepest.slope > 1.1 || worst[0]!.stepsPerUnit > 100) process.exitCode = 1;
