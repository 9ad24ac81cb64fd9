import { parseArgs } from 'node:util';
import pg from 'pg';
import { systemClock } from '../src/domain/clock.ts';
import type { Finding } from '../src/domain/finding.ts';
import { deriveId, sha256 } from '../src/domain/ids.ts';
import type { Segment } from '../src/domain/trace.ts';
import type { Verdict } from '../src/domain/verdict.ts';
import { createLogger } from '../src/observe/log.ts';
import type { NewRecord } from '../src/record/contract.ts';
import { auditEntryOf, isKept, rowOf, VERDICT_COLUMNS } from '../src/record/rows.ts';
import { openStore } from '../src/record/store.ts';
import { startOwnPostgres } from '../test/support/postgres.ts';

// Rows a second of `write`, in batches, against a plain multi-row insert of the same bytes into one table without an
// index. Both are durable (fsync, synchronous_commit), take turns in one run, and use one connection at a time.

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    batch: { type: 'string', default: '256' },
    bytes: { type: 'string', default: '8192' },
    flagged: { type: 'string', default: '0.05' },
  },
});
const ROUNDS = Number(values.rounds);
const BATCH = Number(values.batch);
const BYTES = Number(values.bytes);
const FLAGGED = Number(values.flagged);

const WORDS = [
  ...'the user wants a function that sorts the list so first look at the file and then run the tests to see'.split(' '),
  ...'what fails before changing anything because "the spec" says so; maybe check\nagain whether it handles'.split(' '),
];

/** Text like reasoning: words, quotes, line ends; no two alike. */
const textOf = (seed: number, bytes: number): string => {
  let state = seed + 1;
  let text = '';
  while (text.length < bytes) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += `${WORDS[state % WORDS.length]} `;
  }
  return text.slice(0, bytes);
};

const segmentOf = (kind: Segment['kind'], index: number, text: string): Segment => ({
  index,
  kind,
  text,
  sourcePath: `/segments/${index}/text`,
  coverage: 'full',
  hash: sha256(text),
});

const findingOf = (segment: Segment): Finding => ({
  id: deriveId('finding', segment.hash),
  category: 'oversight_subversion',
  group: 'scheming',
  stance: 'intended',
  view: 'reasoning',
  severity: 'high',
  score: 0.93,
  detector: { name: 'heuristics', rule: deriveId('rule'), version: '3', hash: sha256('rule'), status: 'stable' },
  evidence: [
    {
      segment: segment.index,
      start: 100,
      end: 190,
      quote: segment.text.slice(100, 190),
      sourcePath: segment.sourcePath,
      hash: segment.hash,
    },
  ],
  explanation: 'Means to switch off the logging before it goes on.',
});

const recordOf = (n: number): NewRecord => {
  const segments = [
    segmentOf('user', 0, textOf(n, BYTES / 8)),
    segmentOf('reasoning', 1, textOf(n + 1e6, (BYTES * 5) / 8)),
    segmentOf('answer', 2, textOf(n + 2e6, BYTES / 4)),
  ];
  const contentHash = sha256(JSON.stringify(segments));
  const id = deriveId('bench', 'default', contentHash, String(n));
  const conversationId = `conversation-${n >> 2}`;
  const flagged = (n * FLAGGED) % 1 < FLAGGED;
  const verdict: Verdict = {
    traceId: id,
    conversationId,
    status: 'final',
    assessment: { state: 'assessed', reasons: [] },
    decision: flagged ? 'alert' : 'clear',
    risk: flagged ? 0.93 : 0.0123,
    findings: flagged ? [findingOf(segments[1]!)] : [],
    views: { reasoning: 0.0123, reasoning_summary: null, answer: 0.004, action: null, cross: null },
    actionsAloneWouldFlag: false,
    unread: [],
    versions: { rules: sha256('rules'), classifier: null, prompt: null, policy: sha256('policy') },
    timings: { heuristicsMs: 1.27 },
  };
  const now = new Date();
  return {
    receivedAt: now,
    verdict,
    trace: {
      id,
      idSource: 'derived',
      tenant: 'default',
      conversationId,
      turn: n % 4,
      model: { provider: 'openai', name: 'o1', version: '2024-12-17' },
      format: 'canonical',
      occurredAt: now,
      segments,
      usage: { reasoningTokens: 812 },
      labels: { env: 'prod', region: 'eu-west-1' },
      unread: [],
      contentHash,
    },
  };
};

/** What `write` stores of a record, as one text. */
const bytesOf = (record: NewRecord): string => {
  const row = rowOf(record);
  const fields = VERDICT_COLUMNS.map((column) => column.value(row) ?? '');
  const { id, tenant, contentHash, segments } = record.trace;
  const kept = isKept(record, 0) ? JSON.stringify([segments, record.verdict.findings]) : '';
  return [...fields, tenant, id, contentHash, auditEntryOf(row).body, sha256(id), sha256(tenant), kept].join('\t');
};

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return performance.now() - started;
};

const given = process.env.DATABASE_URL;
const server = given === undefined ? await startOwnPostgres({ durable: true }) : undefined;
const url = given ?? server!.url;
const store = await openStore({
  url,
  dataDir: '/nowhere',
  poolSize: 4,
  clock: systemClock,
  log: createLogger('silent'),
  keepTraceShare: 0,
});
const bare = new pg.Client({ connectionString: url });
await bare.connect();
await bare.query('drop table if exists bench_bare');
await bare.query('create table bench_bare (trace_id text, received_at timestamptz, body text)');

/** What it inserts is made outside of the measured time: it stands for the database's own work. */
type BareRows = readonly [ids: string[], times: string[], bodies: string[]];

const bareRows = (records: readonly NewRecord[]): BareRows => [
  records.map((r) => r.trace.id),
  records.map((r) => r.receivedAt.toISOString()),
  records.map(bytesOf),
];

const insertBare = (rows: BareRows): Promise<unknown> =>
  bare.query('insert into bench_bare select * from unnest($1::text[], $2::text[]::timestamptz[], $3::text[])', [
    ...rows,
  ]);

const WARM_UP = 5;
const times: Record<'store' | 'bare', number[]> = { store: [], bare: [] };
let stored = 0;
let n = 0;
const batchOf = (): NewRecord[] => Array.from({ length: BATCH }, () => recordOf(n++));
for (let round = 0; round < WARM_UP + ROUNDS; round++) {
  const mine = batchOf();
  const theirs = bareRows(batchOf());
  const write = await timed(() => store.write(mine));
  const insert = await timed(() => insertBare(theirs));
  if (round < WARM_UP) continue;
  times.store.push(write);
  times.bare.push(insert);
  stored += theirs[2].reduce((sum, body) => sum + body.length, 0);
}
const rows = (milliseconds: number): number => Math.round((BATCH * 1000) / milliseconds);
const [mine, theirs] = [median(times.store), median(times.bare)];
console.log(`${ROUNDS} batches of ${BATCH} traces of ${BYTES} bytes, ${FLAGGED * 100}% flagged and kept`);
console.log(`stored per trace          ${Math.round(stored / (ROUNDS * BATCH))} bytes`);
console.log(`store.write               ${rows(mine)} rows/s (median batch ${mine.toFixed(1)} ms)`);
console.log(`plain insert, same bytes  ${rows(theirs)} rows/s (median batch ${theirs.toFixed(1)} ms)`);
console.log(`ratio                     ${(theirs / mine).toFixed(2)}`);

await bare.query('drop table bench_bare');
await bare.end();
await store.close();
await server?.stop();
