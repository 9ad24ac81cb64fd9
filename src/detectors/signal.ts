import { evidenceAt } from '../domain/evidence.ts';
import type { DetectorRef, Finding, RuleStatus } from '../domain/finding.ts';
import { deriveId, sha256 } from '../domain/ids.ts';
import type { Place } from '../domain/outcome.ts';
import type { Stance, View } from '../domain/taxonomy.ts';
import type { Trace } from '../domain/trace.ts';
import { SHIPPED } from '../taxonomy/shipped.ts';

// Signals: what a detector that is code rather than rules can find. Each has an id, a version, a maturity and a score
// like a rule's, so that policy treats both alike and a verdict can be replayed.

export interface Signal {
  /** `<detector>.<what it finds>`. */
  readonly id: string;
  readonly category: string;
  /** Opens the explanation. */
  readonly title: string;
  /** How often it is right, 0–1: a prior, measured as docs/signals.md says. */
  readonly score: number;
  readonly status: RuleStatus;
  /** Goes up whenever the same trace could get another finding. */
  readonly version: number;
}

const MAX_EVIDENCE = 6;

export interface SignalSet {
  readonly version: string;
  readonly hash: string;
  finding(trace: Trace, id: string, of: Sighting): Finding;
}

export interface Sighting {
  readonly view: View;
  readonly stance: Stance;
  readonly places: readonly Place[];
  /** Says more than the title. Never holds text of the trace. */
  readonly detail?: string;
}

/**
 * @param source version of the code that looks for the signals
 * @param tables what else decides what is found
 */
export const createSignalSet = (name: string, source: number, signals: readonly Signal[], tables = ''): SignalSet => {
  const hash = sha256(JSON.stringify([name, source, signals, tables]));
  const byId = new Map(signals.map((s) => [s.id, s]));
  return {
    version: `${source}-${hash.slice(0, 12)}`,
    hash,
    finding: (trace, id, { view, stance, places, detail }) => {
      const signal = byId.get(id)!;
      const { group, severity } = SHIPPED.find(signal.category)!;
      const detector: DetectorRef = {
        name,
        rule: id,
        version: String(signal.version),
        hash,
        status: signal.status,
      };
      return {
        id: deriveId('finding', trace.tenant, trace.id, name, id, view),
        category: signal.category,
        group,
        stance,
        view,
        severity,
        score: signal.score,
        detector,
        evidence: places.slice(0, MAX_EVIDENCE).map((place) => evidenceAt(trace, place)),
        explanation: detail === undefined ? `${signal.title}.` : `${signal.title}: ${detail}.`,
      };
    },
  };
};
