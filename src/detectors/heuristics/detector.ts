import type { Evidence } from '../../domain/finding.ts';
import { isReadable, type Trace, viewOf } from '../../domain/trace.ts';
import type { Detector } from '../contract.ts';
import { compile } from './engine/compile.ts';
import { findingOf } from './finding.ts';
import { type RuleFiles, rulesVersion } from './load.ts';
import { createScanPool } from './pool.ts';
import type { ScanHit } from './worker.ts';

// Tier 0: rules over words. It cannot be argued with, costs microseconds, and shows the sentence it rests on.

/** Longest quotation, in UTF-16 units; a longer sentence is shown around the words that matched. */
const MAX_QUOTE = 400;

const clip = (hit: ScanHit, text: string): { start: number; end: number } => {
  if (hit.end - hit.start <= MAX_QUOTE) return { start: hit.start, end: hit.end };
  const room = Math.max(0, MAX_QUOTE - (hit.matchEnd - hit.matchStart)) >> 1;
  let start = Math.max(hit.start, hit.matchStart - room);
  let end = Math.min(hit.end, hit.matchEnd + room, start + MAX_QUOTE);
  if (isLowSurrogate(text, start)) start++;
  if (isLowSurrogate(text, end)) end--;
  return { start, end };
};

const isLowSurrogate = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
};

const evidenceOf = (hit: ScanHit, trace: Trace): Evidence => {
  const { text, sourcePath, hash } = trace.segments[hit.segment]!;
  const { start, end } = clip(hit, text);
  return { segment: hit.segment, start, end, quote: text.slice(start, end), sourcePath, hash };
};

/**
 * @param threads worker threads that scan
 * @throws CodedError `invalid_rule` where a pattern cannot be compiled
 */
export const createHeuristics = (files: RuleFiles, threads: number): Detector => {
  // Here, and not only in the workers: a rule that does not compile must stop the start.
  compile(files.rules, files.lexicon);
  const pool = createScanPool(files, threads);
  const version = rulesVersion(files);
  return {
    name: 'heuristics',
    version,
    hash: version,
    detect: async (trace, { deadline }) => {
      const texts = trace.segments.flatMap((segment) => {
        const view = viewOf(segment.kind);
        return view === undefined || !isReadable(segment) || segment.text === ''
          ? []
          : [{ segment: segment.index, view, text: segment.text }];
      });
      if (texts.length === 0) return { kind: 'clear' };
      const { hits, complete } = await pool.scan({ texts, deadline });
      const groups = Map.groupBy(hits, (h) => `${h.rule} ${h.view}`);
      const findings = [...groups.values()].map((group) =>
        findingOf(files.rules[group[0]!.rule]!, group, trace, (hit) => evidenceOf(hit, trace)),
      );
      if (findings.length > 0)
        return { kind: 'hit', findings, ...(complete ? {} : { incomplete: 'timeout' as const }) };
      return complete ? { kind: 'clear' } : { kind: 'unjudged', reason: 'timeout' };
    },
    close: () => pool.close(),
  };
};
