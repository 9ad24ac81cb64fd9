import type { Finding } from '../../src/domain/finding.ts';
import { sha256 } from '../../src/domain/ids.ts';
import type { Segment, Trace } from '../../src/domain/trace.ts';
import type { Decision, Verdict } from '../../src/domain/verdict.ts';
import type { NewRecord } from '../../src/record/contract.ts';

// Records for tests: everything has a default, and what a test is about is said by the test.

export const segmentOf = (text: string, index = 0): Segment => ({
  index,
  kind: 'reasoning',
  text,
  sourcePath: `/segments/${index}/text`,
  coverage: 'full',
  hash: sha256(text),
});

export const findingOf = (over: Partial<Finding> = {}): Finding => ({
  id: 'f-1',
  category: 'sandbagging',
  group: 'scheming',
  stance: 'intended',
  view: 'reasoning',
  severity: 'high',
  score: 0.9,
  detector: { name: 'heuristics', rule: 'r-1', version: '1', hash: 'abc', status: 'stable' },
  evidence: [{ segment: 0, start: 0, end: 4, quote: 'hide', sourcePath: '/segments/0/text', hash: 'h' }],
  explanation: 'Means to underperform.',
  ...over,
});

export interface RecordOptions {
  readonly id?: string;
  readonly tenant?: string;
  readonly decision?: Decision;
  readonly text?: string;
  readonly receivedAt?: Date;
  readonly findings?: readonly Finding[];
  readonly trace?: Partial<Trace>;
  readonly verdict?: Partial<Verdict>;
}

export const NOON = new Date('2026-03-10T12:00:00.000Z');

export const recordOf = (options: RecordOptions = {}): NewRecord => {
  const { id = 't-1', tenant = 'default', decision = 'clear', text = 'hide nothing', receivedAt = NOON } = options;
  const flagged = decision === 'flag' || decision === 'alert';
  const trace: Trace = {
    id,
    idSource: 'caller',
    tenant,
    conversationId: 'c-1',
    turn: null,
    model: { provider: 'openai', name: 'o1', version: '2024-12-17' },
    format: 'canonical',
    occurredAt: receivedAt,
    segments: [segmentOf(text)],
    usage: {},
    labels: {},
    unread: [],
    contentHash: sha256(JSON.stringify(text)),
    ...options.trace,
  };
  return {
    trace,
    receivedAt,
    verdict: {
      traceId: trace.id,
      conversationId: trace.conversationId,
      status: 'final',
      assessment: { state: 'assessed', reasons: [] },
      decision,
      risk: flagged ? 0.9 : 0.1,
      findings: options.findings ?? (flagged ? [findingOf()] : []),
      views: { reasoning: 0.1, reasoning_summary: null, answer: null, action: null, cross: null },
      actionsAloneWouldFlag: false,
      unread: [],
      versions: { rules: 'r1', classifier: null, prompt: null, policy: 'p1' },
      timings: { heuristicsMs: 1 },
      ...options.verdict,
    },
  };
};
