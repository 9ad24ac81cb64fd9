import { findingOf } from './detectors/heuristics/finding.ts';
import { createLiveThreads } from './detectors/heuristics/live/threads.ts';
import type { StreamHit } from './detectors/heuristics/live/worker.ts';
import type { RuleFiles } from './detectors/heuristics/load.ts';
import type { Finding } from './domain/finding.ts';
import { sha256 } from './domain/ids.ts';
import type { DetectorResult } from './domain/outcome.ts';
import { type SegmentKind, type Trace, viewOf } from './domain/trace.ts';
import type { Verdict } from './domain/verdict.ts';
import { createStreamReader } from './normalise/stream/reassemble.ts';
import type { Live, Preview } from './pipeline.ts';

// What is said of a trace before it is complete: the rules' findings so far, weighed as the final verdict will weigh them.
// The last word is the pipeline's, on the whole trace.

export interface LiveDeps {
  readonly files: RuleFiles;
  /** Most threads. */
  readonly threads: number;
  readonly decide: (trace: Trace, results: readonly DetectorResult[]) => Verdict;
}

interface Piece {
  readonly index: number;
  readonly kind: SegmentKind;
}

/** Stands for text that is not looked at: the offsets of findings count the text itself. */
const UNFINISHED = '…';

/** A trace of the pieces there are, as far as weighing needs one. */
const outlineOf = (tenant: string, pieces: ReadonlyMap<string, Piece>): Trace => ({
  id: '',
  idSource: 'derived',
  tenant,
  conversationId: '',
  turn: null,
  model: { provider: null, name: null, version: null },
  format: 'canonical',
  occurredAt: new Date(0),
  segments: [...pieces.values()].map(({ index, kind }) => ({
    index,
    kind,
    text: UNFINISHED,
    sourcePath: '',
    coverage: 'truncated',
    hash: sha256(UNFINISHED),
  })),
  usage: {},
  labels: {},
  unread: [],
  contentHash: '',
});

export const createLive = ({ files, threads, decide }: LiveDeps): Live & { close(): Promise<void> } => {
  const pool = createLiveThreads(files, threads);

  const findingsOf = (tenant: string, pieces: ReadonlyMap<string, Piece>, hits: readonly StreamHit[]): Finding[] => {
    const groups = Map.groupBy(hits, ({ rule, view }) => `${rule} ${view}`);
    return [...groups.values()].map((group) =>
      findingOf(files.rules[group[0]!.rule]!, group, { tenant, id: '' }, ({ key, start, quote }) => ({
        segment: pieces.get(key)!.index,
        start,
        end: start + quote.length,
        quote,
        sourcePath: '',
        hash: sha256(quote),
      })),
    );
  };

  const preview = (tenant: string, pieces: ReadonlyMap<string, Piece>, hits: readonly StreamHit[]): Preview => {
    const findings = findingsOf(tenant, pieces, hits);
    const outcome = findings.length > 0 ? ({ kind: 'hit', findings } as const) : ({ kind: 'clear' } as const);
    const trace = outlineOf(tenant, pieces);
    const verdict = decide(trace, [{ detector: 'heuristics', outcome, milliseconds: 0 }]);
    return { decision: verdict.decision, risk: verdict.risk, findings: verdict.findings, views: verdict.views };
  };

  return {
    open: (tenant, onChange) => {
      const pieces = new Map<string, Piece>();
      let said = '';
      const feed = pool.open((hits) => {
        if (hits === null) {
          onChange(null);
          return;
        }
        const now = hits.map(({ rule, stance, key, start }) => `${rule} ${stance} ${key} ${start}`).join('\n');
        if (now === said) return;
        said = now;
        onChange(preview(tenant, pieces, hits));
      });
      return {
        take: (key, kind, text) => {
          if (!pieces.has(key)) pieces.set(key, { index: pieces.size, kind });
          const view = viewOf(kind);
          return view === undefined || text === '' ? Promise.resolve() : feed.feed({ key, view, text });
        },
        close: feed.close,
      };
    },
    events: (onText, maxEvent) => {
      const reader = createStreamReader(onText, maxEvent);
      return { feed: reader.feed, finish: () => ({ payload: reader.finish(), media: 'assembled' }) };
    },
    close: pool.close,
  };
};
