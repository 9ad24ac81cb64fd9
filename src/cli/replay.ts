import type { Trace } from '../domain/trace.ts';
import { DECISIONS, type Verdict } from '../domain/verdict.ts';
import type { Assessor } from '../pipeline.ts';
import type { StoredTrace } from '../record/contract.ts';
import { openOptional } from './output-file.ts';
import { type Terminal, table } from './terminal.ts';

// `replay`: stored traces under the rules and policy of today, beside the verdicts they got then. Nothing is stored.

export interface ReplayOptions {
  readonly tenant: string;
  readonly limit: number;
  readonly out: string | undefined;
}

/** One page of traces whose text is kept. */
export type ReadKept = (
  tenant: string,
  page: { readonly limit: number; readonly cursor?: string | undefined },
) => Promise<{ readonly items: readonly StoredTrace[]; readonly next: string | null }>;

const PAGE = 100;

/** A stored trace as the detectors want it. What only the content hash needs is not kept, and does not matter here. */
const traceOf = (stored: StoredTrace, tenant: string): Trace | undefined =>
  stored.segments === null
    ? undefined
    : {
        id: stored.traceId,
        idSource: 'caller',
        tenant,
        conversationId: stored.conversationId,
        turn: stored.turn,
        model: stored.model,
        format: stored.format,
        occurredAt: stored.occurredAt,
        segments: stored.segments,
        usage: {},
        labels: stored.labels,
        unread: stored.verdict.unread,
        contentHash: '',
      };

interface Change {
  readonly traceId: string;
  readonly was: Pick<Verdict, 'decision' | 'risk' | 'versions'>;
  readonly now: Pick<Verdict, 'decision' | 'risk' | 'versions'>;
}

const brief = ({ decision, risk, versions }: Verdict): Change['was'] => ({ decision, risk, versions });

const report = (pairs: ReadonlyMap<string, number>): string => {
  const rows = DECISIONS.map((was) => [was, ...DECISIONS.map((now) => String(pairs.get(`${was} ${now}`) ?? 0))]);
  return table(['was \\ is now', ...DECISIONS], rows);
};

/** @returns exit code: 0, whether or not anything changed */
export const replay = async (
  assessor: Pick<Assessor, 'reassess'>,
  readKept: ReadKept,
  options: ReplayOptions,
  terminal: Terminal,
): Promise<number> => {
  const pairs = new Map<string, number>();
  const sink = await openOptional(options.out);
  let replayed = 0;
  let changed = 0;
  let cursor: string | undefined;
  try {
    do {
      const limit = Math.min(PAGE, options.limit - replayed);
      const page = await readKept(options.tenant, { limit, cursor });
      for (const stored of page.items) {
        const trace = traceOf(stored, options.tenant);
        if (trace === undefined) continue;
        const now = await assessor.reassess(trace);
        replayed++;
        const pair = `${stored.verdict.decision} ${now.decision}`;
        pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
        if (stored.verdict.decision === now.decision) continue;
        changed++;
        const change: Change = { traceId: trace.id, was: brief(stored.verdict), now: brief(now) };
        await sink?.write(`${JSON.stringify(change)}\n`);
      }
      cursor = page.next ?? undefined;
      if (terminal.interactive) terminal.err.write(`\r${replayed} traces replayed`);
    } while (cursor !== undefined && replayed < options.limit);
  } finally {
    if (terminal.interactive && replayed > 0) terminal.err.write('\n');
    await sink?.close();
  }
  terminal.out.write(
    `${report(pairs)}\n\nReplayed ${replayed} stored traces: ${changed} would be decided otherwise today.\n`,
  );
  return 0;
};
