import type { Finding } from '../../domain/finding.ts';
import { sha256 } from '../../domain/ids.ts';
import type { View } from '../../domain/taxonomy.ts';
import type { SegmentKind, Trace } from '../../domain/trace.ts';
import type { Detector, DetectorContext } from '../contract.ts';

// Holds decoded text against another detector, as if it had stood there in clear.

export interface DecodedText {
  readonly view: View;
  readonly text: string;
}

export interface RescanHit {
  /** As the other detector made it; its evidence lies in the decoded text and means nothing elsewhere. */
  readonly finding: Finding;
  /** Which of the texts it was found in. */
  readonly texts: readonly number[];
}

export interface RescanReply {
  readonly hits: readonly RescanHit[];
  readonly complete: boolean;
}

export type Rescan = (trace: Trace, texts: readonly DecodedText[], context: DetectorContext) => Promise<RescanReply>;

const kindOf = (view: View): SegmentKind => {
  switch (view) {
    case 'reasoning':
    case 'reasoning_summary':
    case 'answer':
      return view;
    case 'action':
      return 'tool_call';
    case 'cross':
      return 'reasoning';
  }
};

/** Rescans with a detector that reads segments one by one, such as the rules. */
export const rescanWith =
  (detector: Pick<Detector, 'detect'>): Rescan =>
  async (trace, texts, context) => {
    const segments = texts.map(({ view, text }, index) => ({
      index,
      kind: kindOf(view),
      text,
      sourcePath: '',
      coverage: 'full' as const,
      hash: sha256(text),
    }));
    const outcome = await detector.detect({ ...trace, segments }, context);
    if (outcome.kind !== 'hit') return { hits: [], complete: outcome.kind === 'clear' };
    const hits = outcome.findings.map((finding) => ({
      finding,
      texts: [...new Set(finding.evidence.map((e) => e.segment))],
    }));
    return { hits, complete: outcome.incomplete === undefined };
  };
