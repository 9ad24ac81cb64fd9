import { evidenceAt } from '../domain/evidence.ts';
import type { Contribution } from '../domain/explanation.ts';
import type { Finding } from '../domain/finding.ts';
import type { Place } from '../domain/outcome.ts';
import type { View } from '../domain/taxonomy.ts';
import type { Trace } from '../domain/trace.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Logger } from '../observe/log.ts';
import type { Detector } from './contract.ts';

// From the windows that drove a score to the sentences in them, for verdicts that somebody will look at. It changes what
// is shown and nothing that is decided; where it fails or has no time, the windows stay.

export interface LocateDeps {
  readonly detectors: readonly Detector[];
  /** Milliseconds it may take. */
  readonly deadlineMs: number;
  readonly log: Logger;
}

/** Beside flags: a score that by itself multiplies the odds by ten. */
const TELLING = Math.log(10);

const isLookedAt = ({ decision, drivers }: Verdict): boolean =>
  decision === 'flag' ||
  decision === 'alert' ||
  drivers?.contributions.some(({ finding, logOdds }) => finding === null && logOdds >= TELLING) === true;

const placesIn = ({ evidence }: Contribution | Finding): Place[] =>
  evidence.map(({ segment, start, end }) => ({ segment, start, end }));

export const createLocate = ({ detectors, deadlineMs, log }: LocateDeps) => {
  const able = new Map(detectors.map((detector) => [detector.name, detector]));

  return async (trace: Trace, verdict: Verdict): Promise<Verdict> => {
    if (verdict.drivers === undefined || !isLookedAt(verdict)) return verdict;
    const deadline = Date.now() + deadlineMs;
    const seen = new Map<string, Promise<readonly Place[]>>();

    const narrowed = async <T extends Contribution | Finding>(of: T, name: string, view: View | null): Promise<T> => {
      const detector = able.get(name);
      if (detector?.locate === undefined || view === null || of.evidence.length === 0) return of;
      const places = placesIn(of);
      const key = JSON.stringify([name, view, places]);
      const found = seen.get(key) ?? detector.locate(trace, view, places, deadline);
      seen.set(key, found);
      return { ...of, evidence: (await found).map((place) => evidenceAt(trace, place)) };
    };

    try {
      const { contributions } = verdict.drivers;
      const drivers = {
        ...verdict.drivers,
        contributions: await Promise.all(contributions.map((part) => narrowed(part, part.detector, part.view))),
      };
      const findings = await Promise.all(verdict.findings.map((f) => narrowed(f, f.detector.name, f.view)));
      return { ...verdict, drivers, findings };
    } catch (error) {
      log.error({ component: 'locate', traceId: trace.id, error }, 'Sentences could not be told from windows');
      return verdict;
    }
  };
};
