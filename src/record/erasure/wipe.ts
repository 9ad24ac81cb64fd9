import type { Evidence, Finding } from '../../domain/finding.ts';
import type { Verdict } from '../../domain/verdict.ts';
import type { TraceHeader } from '../trace-header.ts';

// What is left of a trace that was erased: where and what was found, for counting, and no words of it. Explanations go with
// the quotes, as a judge may have quoted in them, and so do labels and the names of unread fields, which callers chose.

const wipeEvidence = <T extends { readonly evidence: readonly Evidence[] }>(of: T): T => ({
  ...of,
  evidence: of.evidence.map((evidence) => ({ ...evidence, quote: '', sourcePath: '' })),
});

const wipeFinding = (finding: Finding): Finding => ({ ...wipeEvidence(finding), explanation: '' });

export const wipeFindings = <T extends { readonly findings: readonly Finding[] }>(of: T): T => ({
  ...of,
  findings: of.findings.map(wipeFinding),
});

/** No judge will come to it any more: its text is gone. */
export const wipeVerdict = (verdict: Verdict): Verdict => {
  const { drivers } = verdict;
  return {
    ...wipeFindings(verdict),
    ...(drivers === undefined
      ? {}
      : { drivers: { ...drivers, contributions: drivers.contributions.map(wipeEvidence) } }),
    status: 'final',
    unread: [],
  };
};

export const wipeHeader = (header: TraceHeader, at: Date): TraceHeader => ({
  ...header,
  labels: {},
  erasedAt: header.erasedAt ?? at.toISOString(),
});
