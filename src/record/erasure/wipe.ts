import type { Finding } from '../../domain/finding.ts';
import type { Verdict } from '../../domain/verdict.ts';
import type { TraceHeader } from '../rows.ts';

// What is left of a trace that was erased: where and what was found, for counting, and no words of it. Explanations go with
// the quotes, as a judge may have quoted in them, and so do labels and the names of unread fields, which callers chose.

const wipeFinding = (finding: Finding): Finding => ({
  ...finding,
  explanation: '',
  evidence: finding.evidence.map((evidence) => ({ ...evidence, quote: '', sourcePath: '' })),
});

export const wipeFindings = <T extends { readonly findings: readonly Finding[] }>(of: T): T => ({
  ...of,
  findings: of.findings.map(wipeFinding),
});

/** No judge will come to it any more: its text is gone. */
export const wipeVerdict = (verdict: Verdict): Verdict => ({ ...wipeFindings(verdict), status: 'final', unread: [] });

export const wipeHeader = (header: TraceHeader, at: Date): TraceHeader => ({
  ...header,
  labels: {},
  erasedAt: header.erasedAt ?? at.toISOString(),
});
