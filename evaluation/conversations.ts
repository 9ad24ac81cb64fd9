import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConversationRule } from '../src/decide/conversation.ts';
import { loadPolicy } from '../src/decide/policy.ts';
import type { ConversationSums } from '../src/domain/conversation.ts';
import type { Verdict } from '../src/domain/verdict.ts';
import { createRandom, type Random } from '../src/report/statistics/random.ts';

// `npm run eval:conversations [VERDICTS]`: how well rules over the turns of a conversation tell a slow build-up from benign
// turns with an ambiguous one among them. Conversations are drawn from the verdicts on corpus/; VERDICTS is what an earlier
// run kept of those. Thresholds are set on half of the families and tried on the other half.

const ROOT = join(import.meta.dirname, '..');
const CORPUS = join(ROOT, 'corpus');
const DRAWS = 40;
const CONVERSATIONS = 1_000;
const LENGTHS = [1, 2, 3, 5, 8, 12, 20, 30, 40];
const WEAK_TURNS = 10;
/** Share of benign turns that are a matched innocent twin, and not everyday text. */
const TWINS = 0.1;

interface Turn {
  readonly family: string;
  readonly kind: 'ordinary' | 'twin' | 'positive';
  readonly verdict: Pick<Verdict, 'risk' | 'decision' | 'assessment'>;
}

interface Row {
  readonly id: string;
  readonly label?: number;
  readonly text?: string;
}

const linesOf = (path: string): Row[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);

const sources = (): { family: string; row: Row }[] => [
  ...readdirSync(join(CORPUS, 'families'))
    .sort()
    .flatMap((name) => linesOf(join(CORPUS, 'families', name)).map((row) => ({ family: name, row }))),
  ...linesOf(join(CORPUS, 'ordinary.jsonl')).map(({ id, text }) => ({
    family: id,
    row: { id, prompt: 'Go on.', reasoning: text, output: 'Done.' },
  })),
];

const assess = (rows: readonly object[]): string => {
  const folder = mkdtempSync(join(tmpdir(), 'cot-monitor-conversations-'));
  try {
    const [input, output] = [join(folder, 'rows.jsonl'), join(folder, 'verdicts.jsonl')];
    writeFileSync(input, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const args = [join(ROOT, 'src', 'main.ts'), 'scan', input, '--explain', '0', '--out', output];
    const env = { ...process.env, DETECT_DEADLINE_MS: '60000', LOG_LEVEL: 'error' };
    const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'], env });
    if (status !== 0) throw new Error(`the scan ended with ${status}`);
    return readFileSync(output, 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const loadTurns = (kept: string | undefined): Turn[] => {
  const from = sources();
  const text = kept === undefined ? assess(from.map(({ row }) => row)) : readFileSync(kept, 'utf8');
  const verdicts = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Verdict);
  if (verdicts.length !== from.length) throw new Error(`${verdicts.length} verdicts on ${from.length} traces`);
  return from.map(({ family, row }, i) => ({
    family,
    kind: row.label === undefined ? 'ordinary' : row.label === 1 ? 'positive' : 'twin',
    verdict: verdicts[i]!,
  }));
};

type Conversation = readonly Turn['verdict'][];
type Kind = 'benign' | 'ambiguous' | 'build-up' | 'among 90';
const KINDS: readonly Kind[] = ['benign', 'ambiguous', 'build-up', 'among 90'];

const pick = <T>(from: readonly T[], random: Random): T => from[Math.floor(random() * from.length)]!;

const isFlagged = ({ decision }: Turn['verdict']): boolean => decision === 'flag' || decision === 'alert';

const logOdds = (risk: number): number => Math.log(Math.max(risk, 1e-6) / Math.max(1 - risk, 1e-6));

const drawnFrom = (turns: readonly Turn[], random: Random): Record<Kind, Conversation[]> => {
  const of = (kind: Turn['kind']) => turns.filter((turn) => turn.kind === kind).map(({ verdict }) => verdict);
  const [ordinary, twins] = [of('ordinary'), of('twin')];
  // What no turn by itself is flagged for: that is what must be seen in the sum.
  const weak = of('positive').filter((verdict) => !isFlagged(verdict));
  // The tenth of the innocent that look worst.
  const innocent = [...ordinary, ...twins].sort((a, b) => b.risk - a.risk);
  const ambiguous = innocent.slice(0, Math.ceil(innocent.length / 10));
  const benign = (length: number): Turn['verdict'][] =>
    Array.from({ length }, () => pick(random() < TWINS ? twins : ordinary, random));
  const slow = (others: number): Conversation => [
    ...Array.from({ length: WEAK_TURNS }, () => pick(weak, random)),
    ...benign(others),
  ];
  const make: Record<Kind, () => Conversation> = {
    benign: () => benign(pick(LENGTHS, random)),
    ambiguous: () => [pick(ambiguous, random), ...benign(pick(LENGTHS, random) - 1)],
    'build-up': () => slow(pick([0, 0, 2, 5, 10, 20], random)),
    'among 90': () => slow(90),
  };
  const all = KINDS.map((kind) => [kind, Array.from({ length: CONVERSATIONS }, make[kind])] as const);
  return Object.fromEntries(all) as Record<Kind, Conversation[]>;
};

const rule = createConversationRule(loadPolicy())!;

const sumsOf = (conversation: Conversation): ConversationSums => {
  const weights = conversation.map((verdict) => rule.weigh(verdict as Verdict)).filter((w) => w !== null);
  const weight = weights.reduce((sum, w) => sum + w, 0);
  return { turns: weights.length, unassessed: conversation.length - weights.length, weight };
};

const RULES: Readonly<Record<string, (conversation: Conversation) => number>> = {
  'highest turn': (turns) => Math.max(...turns.map(({ risk }) => logOdds(risk))),
  'mean of turns': (turns) => turns.reduce((sum, { risk }) => sum + logOdds(risk), 0) / turns.length,
  'sum of weights': (turns) => sumsOf(turns).weight,
  'shipped: weights, allowance, root': (turns) => rule.score(sumsOf(turns)),
};

const shareAbove = (scores: readonly number[], threshold: number): number =>
  scores.filter((score) => score > threshold).length / scores.length;

const split = (turns: readonly Turn[], random: Random): [Turn[], Turn[]] => {
  const side = new Map([...new Set(turns.map(({ family }) => family))].map((family) => [family, random() < 0.5]));
  return [turns.filter(({ family }) => side.get(family)), turns.filter(({ family }) => !side.get(family))];
};

const summary = (values: readonly number[]): string => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.round(share * (sorted.length - 1))]! * 100).toFixed(1);
  return `${at(0.5)} (${at(0.025)}–${at(0.975)})`;
};

const turns = loadTurns(process.argv[2]);
const found = new Map<string, number[]>();
const note = (key: string, value: number): void => void found.set(key, [...(found.get(key) ?? []), value]);
const { thresholds } = loadPolicy().conversations!;
for (let draw = 0; draw < DRAWS; draw++) {
  const random = createRandom(draw + 1);
  const [fitted, tried] = split(turns, random).map((half) => drawnFrom(half, random));
  for (const [name, scoreOf] of Object.entries(RULES)) {
    const negatives = [...fitted!.benign, ...fitted!.ambiguous].map(scoreOf).sort((a, b) => b - a);
    for (const rate of [0.01, 0.001]) {
      const threshold = negatives[Math.floor(rate * negatives.length)]!;
      for (const kind of KINDS) note(`${name} ${rate} ${kind}`, shareAbove(tried![kind].map(scoreOf), threshold));
    }
  }
  for (const kind of KINDS) {
    note(`fixed ${kind}`, tried![kind].filter((c) => rule.score(sumsOf(c)) >= thresholds.flag).length / CONVERSATIONS);
  }
}
const cells = (key: string): string => KINDS.map((kind) => summary(found.get(`${key} ${kind}`)!)).join(' | ');
process.stdout.write(`| rule, threshold set for | ${KINDS.join(' | ')} |\n| --- | --- | --- | --- | --- |\n`);
for (const name of Object.keys(RULES)) {
  for (const rate of [0.01, 0.001]) process.stdout.write(`| ${name}, ${rate * 100}% | ${cells(`${name} ${rate}`)} |\n`);
}
process.stdout.write(`| shipped, at the shipped \`flag\` threshold | ${cells('fixed')} |\n`);
