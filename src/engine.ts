import { availableParallelism } from 'node:os';
import type { Config } from './config/config.ts';
import { createDecide } from './decide/decide.ts';
import { loadPolicy } from './decide/policy.ts';
import { createHeuristics } from './detectors/heuristics/detector.ts';
import { loadRules, rulesVersion } from './detectors/heuristics/load.ts';
import type { Rule } from './detectors/heuristics/rule.ts';
import { createDetection } from './detectors/run.ts';
import type { Clock } from './domain/clock.ts';
import { normalise } from './normalise/normalise.ts';
import type { Logger } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';
import { type Assessor, createAssessor } from './pipeline.ts';
import type { Releasers } from './releasers.ts';

// The stages that need no store, put together: what the service, `scan` and `replay` share.

export interface Engine {
  readonly assessor: Assessor;
  readonly rules: readonly Rule[];
  readonly rulesVersion: string;
  readonly policyVersion: string;
}

export interface EngineDeps {
  readonly config: Pick<Config, 'detect'>;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Threads for detectors: the event loop keeps one processor to itself. */
const threadsOf = ({ threads }: Config['detect']): number =>
  threads > 0 ? threads : Math.max(1, availableParallelism() - 1);

/** @throws CodedError `invalid_rule`, `invalid_policy` */
export const createEngine = ({ config, metrics, log, clock }: EngineDeps, releasers: Releasers): Engine => {
  const files = loadRules(config.detect.rulesDir);
  const policy = loadPolicy(config.detect.policyFile);
  const heuristics = createHeuristics(files, threadsOf(config.detect));
  releasers.add('heuristics', heuristics.close);
  const version = rulesVersion(files);
  const detect = createDetection({
    detectors: [heuristics],
    deadlineMs: config.detect.deadlineMs,
    metrics,
    log,
  });
  const decide = createDecide(policy, { rules: version, classifier: null, prompt: null });
  return {
    assessor: createAssessor({ normalise, detect, decide }, clock),
    rules: files.rules,
    rulesVersion: version,
    policyVersion: policy.hash,
  };
};
