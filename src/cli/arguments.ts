import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type AuditTask, readAudit } from './audit.ts';
import { type BacktestTask, readBacktest } from './backtest.ts';
import type { CalibrateOptions } from './calibrate.ts';
import type { DemoOptions } from './demo.ts';
import { type EraseTask, readErase } from './erase.ts';
import type { EvalOptions } from './eval.ts';
import { GROUPINGS } from './eval-groups.ts';
import { type HoldsTask, readHolds } from './holds.ts';
import { type JudgeTask, readJudge } from './judge-arguments.ts';
import type { KeysTask } from './keys.ts';
import { readKeys } from './keys-arguments.ts';
import type { LiveDemoOptions } from './live-demo.ts';
import type { ReplayOptions } from './replay.ts';
import { readRetention } from './retention.ts';
import { readScan, type ScanOptions } from './scan.ts';
import { ATTACKS } from './stress/attacks.ts';
import type { StressOptions } from './stress.ts';
import { readWebhooks, type WebhooksTask } from './webhooks.ts';

// The command line, parsed once into one of a closed set of things to do.

export type Task =
  | { readonly command: 'serve' | 'migrate' | 'help' | 'version' }
  | { readonly command: 'config'; readonly json: boolean }
  | { readonly command: 'scan'; readonly options: ScanOptions }
  | { readonly command: 'replay'; readonly options: ReplayOptions }
  | { readonly command: 'demo'; readonly options: DemoOptions }
  | { readonly command: 'live-demo'; readonly options: LiveDemoOptions }
  | { readonly command: 'eval'; readonly options: EvalOptions }
  | { readonly command: 'calibrate'; readonly options: CalibrateOptions }
  | { readonly command: 'stress'; readonly options: StressOptions }
  | { readonly command: 'judge'; readonly task: JudgeTask }
  | { readonly command: 'keys'; readonly task: KeysTask }
  | { readonly command: 'audit'; readonly task: AuditTask }
  | { readonly command: 'erase'; readonly task: EraseTask }
  | { readonly command: 'backtest'; readonly task: BacktestTask }
  | { readonly command: 'holds'; readonly task: HoldsTask }
  | { readonly command: 'retention' }
  | { readonly command: 'webhooks'; readonly task: WebhooksTask }
  | { readonly command: 'wrong'; readonly problem: string };

const wrong = (problem: string): Task => ({ command: 'wrong', problem });

/** Readers answer a task, or in words what is wrong. */
const taskOr = <T extends object>(task: T | string, make: (task: T) => Task): Task =>
  typeof task === 'string' ? wrong(task) : make(task);

const limitSchema = z.coerce.number().int().min(1).max(10_000_000);

const readReplay = (args: string[]): Task => {
  const { values } = parseArgs({
    args,
    options: {
      tenant: { type: 'string', default: 'default' },
      limit: { type: 'string', default: '100000' },
      out: { type: 'string' },
    },
  });
  const limit = limitSchema.safeParse(values.limit);
  if (!limit.success) return wrong('--limit takes a whole number from 1');
  return { command: 'replay', options: { tenant: values.tenant, limit: limit.data, out: values.out } };
};

const seedsSchema = z.coerce.number().int().min(1).max(100);
const seedSchema = z.coerce.number().int().min(0).max(0xffff_ffff);

const rateSchema = z.coerce.number().gt(0).max(1_000);
const countSchema = z.coerce.number().int().min(0).max(1_000_000_000);

const readDemo = (args: string[]): Task => {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: '1' },
      live: { type: 'boolean', default: false },
      rate: { type: 'string' },
      count: { type: 'string' },
    },
  });
  const seed = seedSchema.safeParse(values.seed);
  if (!seed.success || values.seed.trim() === '') return wrong('--seed takes a whole number from 0 to 4294967295');
  if (!values.live) {
    if (values.rate !== undefined || values.count !== undefined) return wrong('--rate and --count go with --live');
    return { command: 'demo', options: { seed: seed.data } };
  }
  const rate = rateSchema.safeParse(values.rate ?? '2');
  const count = countSchema.safeParse(values.count ?? '0');
  if (!rate.success) return wrong('--rate takes a number of traces a second, above 0 and up to 1000');
  if (!count.success) return wrong('--count takes a whole number; 0: until it is stopped');
  return { command: 'live-demo', options: { seed: seed.data, rate: rate.data, count: count.data } };
};

const isOneOf = <T extends string>(known: readonly T[], text: string): text is T =>
  (known as readonly string[]).includes(text);

const readEval = (args: string[]): Task => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      html: { type: 'string' },
      markdown: { type: 'string' },
      seed: { type: 'string', default: '1' },
      negatives: { type: 'string' },
      'group-by': { type: 'string', default: 'source' },
      'keep-out': { type: 'string', multiple: true, default: [] },
      'leave-one-out': { type: 'string', multiple: true, default: [] },
      seeds: { type: 'string', default: '3' },
      cache: { type: 'string' },
      judge: { type: 'string' },
    },
  });
  const {
    out,
    html,
    markdown,
    negatives,
    cache,
    judge,
    'group-by': groupBy,
    'keep-out': keepOut,
    'leave-one-out': by,
  } = values;
  const seeds = seedsSchema.safeParse(values.seeds);
  const seed = seedSchema.safeParse(values.seed);
  if (positionals.length === 0) return wrong('eval needs at least one file');
  if (!seed.success || values.seed.trim() === '') return wrong('--seed takes a whole number from 0 to 4294967295');
  if (negatives !== undefined && !isOneOf(['benign', 'all'], negatives)) {
    return wrong('--negatives takes benign or all');
  }
  if (!isOneOf(GROUPINGS, groupBy)) return wrong(`--group-by takes one of ${GROUPINGS.join(', ')}`);
  const units = by.filter((unit) => isOneOf(['family', 'source'], unit));
  if (units.length < by.length) return wrong('--leave-one-out takes family or source');
  if (!seeds.success) return wrong('--seeds takes a whole number from 1 to 100');
  const leaveOneOut = units.length === 0 ? undefined : { by: [...new Set(units)], seeds: seeds.data, cache };
  const options = {
    files: positionals,
    out,
    html,
    markdown,
    seed: seed.data,
    negatives,
    groupBy,
    judge,
    keepOut,
    leaveOneOut,
  };
  return { command: 'eval', options };
};

const fprSchema = z.coerce.number().gt(0).lt(1);

const readCalibrate = (args: string[]): Task => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      fpr: { type: 'string', default: '0.01' },
      by: { type: 'string' },
      judge: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const fpr = fprSchema.safeParse(values.fpr);
  if (positionals.length === 0) return wrong('calibrate needs at least one file');
  if (!fpr.success) return wrong('--fpr takes a number between 0 and 1');
  if (values.by !== undefined && values.by !== 'category') return wrong('--by takes category');
  const { by, judge, out } = values;
  if (by !== undefined && judge !== undefined) return wrong('--by and --judge do not go together');
  const options = { files: positionals, fpr: fpr.data, byCategory: by === 'category', judge, out };
  return { command: 'calibrate', options };
};

const readStress = (args: string[]): Task => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      attacks: { type: 'string', default: 'all' },
      sample: { type: 'string' },
      fpr: { type: 'string', default: '0.01' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
      html: { type: 'string' },
      markdown: { type: 'string' },
    },
  });
  const { attacks: wanted, out, html, markdown } = values;
  const known = ATTACKS.map(({ name }) => name);
  const attacks = wanted === 'all' ? known : [...new Set(wanted.split(',').map((name) => name.trim()))];
  const fpr = fprSchema.safeParse(values.fpr);
  const seed = seedSchema.safeParse(values.seed);
  const sample = limitSchema.optional().safeParse(values.sample);
  if (positionals.length === 0) return wrong('stress needs at least one file');
  if (!attacks.every((name) => known.includes(name)))
    return wrong(`--attacks takes all, or some of ${known.join(', ')}`);
  if (!fpr.success) return wrong('--fpr takes a number between 0 and 1');
  if (!seed.success || values.seed.trim() === '') return wrong('--seed takes a whole number from 0 to 4294967295');
  if (!sample.success) return wrong('--sample takes a whole number from 1');
  const options = {
    files: positionals,
    attacks,
    seed: seed.data,
    sample: sample.data,
    fpr: fpr.data,
    out,
    html,
    markdown,
  };
  return { command: 'stress', options };
};

const readCommand = (command: string, rest: string[]): Task => {
  switch (command) {
    case 'serve':
    case 'migrate':
      return parseArgs({ args: rest, options: {} }) && { command };
    case 'config':
      return {
        command,
        json: parseArgs({ args: rest, options: { json: { type: 'boolean', default: false } } }).values.json,
      };
    case 'scan':
      return taskOr(readScan(rest), (options) => ({ command, options }));
    case 'demo':
      return readDemo(rest);
    case 'replay':
      return readReplay(rest);
    case 'eval':
      return readEval(rest);
    case 'calibrate':
      return readCalibrate(rest);
    case 'stress':
      return readStress(rest);
    case 'keys': {
      const read = readKeys(rest);
      return 'problem' in read ? wrong(read.problem) : { command, task: read.task };
    }
    case 'judge':
      return taskOr(readJudge(rest), (task) => ({ command, task }));
    case 'audit':
      return taskOr(readAudit(rest), (task) => ({ command, task }));
    case 'webhooks':
      return taskOr(readWebhooks(rest), (task) => ({ command, task }));
    case 'backtest':
      return taskOr(readBacktest(rest), (task) => ({ command, task }));
    case 'erase':
      return taskOr(readErase(rest), (task) => ({ command, task }));
    case 'holds':
      return taskOr(readHolds(rest), (task) => ({ command, task }));
    case 'retention': {
      const problem = readRetention(rest);
      return problem === null ? { command } : wrong(problem);
    }
    case '--version':
    case '-v':
      return { command: 'version' };
    case '--help':
    case '-h':
    case 'help':
      return { command: 'help' };
    default:
      return wrong(`there is no command ${command}`);
  }
};

export const readTask = (args: readonly string[]): Task => {
  const [command, ...rest] = args;
  if (command === undefined || rest.includes('--help')) return { command: 'help' };
  try {
    return readCommand(command, rest);
  } catch (error) {
    // parseArgs says which option it does not know.
    return wrong((error as Error).message);
  }
};
