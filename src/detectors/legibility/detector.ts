import { extname } from 'node:path';
import { evidenceAt } from '../../domain/evidence.ts';
import type { Finding } from '../../domain/finding.ts';
import { deriveId } from '../../domain/ids.ts';
import type { Place } from '../../domain/outcome.ts';
import { STANCES } from '../../domain/taxonomy.ts';
import { isReadable, type Trace } from '../../domain/trace.ts';
import type { CoverageReason } from '../../domain/verdict.ts';
import type { Detector } from '../contract.ts';
import { createThreadPool } from '../thread-pool.ts';
import type { Examination, ExamineTask, Payload } from './examine.ts';
import type { Rescan } from './rescan.ts';
import { createLegibilitySignals } from './signals.ts';

// Reasoning that cannot be read as it stands: encoded, disguised, in another language, looping or missing. What can be
// decoded is decoded and held against the rules, so that a code is no way round them.

export interface LegibilityDeps {
  readonly threads: number;
  /** Holds decoded text against the rules. */
  readonly rescan: Rescan;
}

/** How a layer is named in an explanation. */
const LAYERS: Readonly<Record<string, string>> = {
  'encoded-base64': 'base64',
  'encoded-base32': 'base32',
  'encoded-hex': 'hexadecimal',
  'encoded-binary': 'binary digits',
  'encoded-decimal': 'character codes',
  'encoded-percent': 'URL encoding',
  'shifted-letters': 'shifted letters',
  'mirrored-letters': 'a mirrored alphabet',
  reversed: 'text written backwards',
  'digits-for-letters': 'digits for letters',
  'invisible-payload': 'invisible characters',
  'tag-characters': 'tag characters',
  'variation-selectors': 'variation selectors',
};

const taskOf = (trace: Trace, deadline: number): ExamineTask => {
  const thoughts = trace.segments.filter((s) => s.kind === 'reasoning' || s.kind === 'reasoning_summary');
  const whole = thoughts.length > 0 && thoughts.every((s) => s.kind === 'reasoning' && s.coverage === 'full');
  return {
    texts: trace.segments
      .filter((s) => isReadable(s) && s.text !== '')
      .map(({ index, kind, text }) => ({ segment: index, kind, text })),
    reasoningTokens: whole ? (trace.usage.reasoningTokens ?? null) : null,
    deadline,
  };
};

const samePlace = (a: Place, b: Place): boolean => a.segment === b.segment && a.start === b.start && a.end === b.end;

export const createLegibility = ({ threads, rescan }: LegibilityDeps): Detector => {
  const signals = createLegibilitySignals();
  const worker = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url);
  const pool = createThreadPool<ExamineTask, Examination>(worker, threads);

  const signFindings = (trace: Trace, { signs }: Examination): Finding[] =>
    [...Map.groupBy(signs, (s) => `${s.signal} ${s.view}`).values()].map((group) => {
      const stance = STANCES.findLast((s) => group.some((sign) => sign.stance === s))!;
      const { signal, view } = group[0]!;
      const places = group.filter((sign) => sign.stance === stance).map((sign) => sign.place);
      return signals.finding(trace, signal, { view, stance, places });
    });

  /** The rule's finding, moved from the decoded text to the run it came from. */
  const moved = (trace: Trace, finding: Finding, from: readonly Payload[]): Finding => {
    const places = from.map((p) => p.place).filter((place, i, all) => all.findIndex((p) => samePlace(p, place)) === i);
    const layers = from[0]!.layers.map((layer) => LAYERS[layer] ?? layer).join(' inside ');
    return {
      ...finding,
      id: deriveId('finding', trace.tenant, trace.id, 'legibility', finding.detector.rule ?? '', finding.view),
      stance: from.every((p) => p.mentioned) ? 'mentioned' : finding.stance,
      evidence: places.map((place) => evidenceAt(trace, place)),
      explanation: `${finding.explanation} Found in text decoded from ${layers}.`,
    };
  };

  return {
    name: 'legibility',
    version: signals.version,
    hash: signals.hash,
    detect: async (trace, context) => {
      const task = taskOf(trace, context.deadline);
      if (task.texts.length === 0) return { kind: 'clear' };
      const examined = await pool.run(task);
      const { payloads } = examined;
      const rescanned = payloads.length === 0 ? { hits: [], complete: true } : await rescan(trace, payloads, context);
      const decoded = rescanned.hits
        .map(({ finding, texts }) => ({ finding, from: texts.map((i) => payloads[i]!) }))
        .filter(({ from }) => from.length > 0)
        .map(({ finding, from }) => moved(trace, finding, from));
      const findings = [...signFindings(trace, examined), ...decoded];
      const incomplete: CoverageReason | null = examined.incomplete ?? (rescanned.complete ? null : 'timeout');
      if (findings.length > 0) return { kind: 'hit', findings, ...(incomplete === null ? {} : { incomplete }) };
      return incomplete === null ? { kind: 'clear' } : { kind: 'unjudged', reason: incomplete };
    },
    close: () => pool.close(),
  };
};
