import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Config } from './config/config.ts';
import { createRoute } from './decide/cascade.ts';
import { type Combiner, loadCombiner } from './decide/combiner.ts';
import { createDecide } from './decide/decide.ts';
import { createFinalise, type Finalise } from './decide/finalise.ts';
import { loadPolicy } from './decide/policy.ts';
import { createClassifier } from './detectors/classifier/detector.ts';
import { createEncoderScorer } from './detectors/classifier/scorer.ts';
import { createHeadTraining } from './detectors/classifier/training.ts';
import type { Detector, HeadTraining } from './detectors/contract.ts';
import { createCross } from './detectors/cross/detector.ts';
import { createHeuristics } from './detectors/heuristics/detector.ts';
import { loadRules } from './detectors/heuristics/load.ts';
import type { Rule } from './detectors/heuristics/rule.ts';
import { createLegibility } from './detectors/legibility/detector.ts';
import { rescanWith } from './detectors/legibility/rescan.ts';
import { createLocate } from './detectors/locate.ts';
import { createDetection } from './detectors/run.ts';
import type { Clock } from './domain/clock.ts';
import type { Taxonomy } from './domain/taxonomy.ts';
import { createLive } from './live.ts';
import { normalise } from './normalise/normalise.ts';
import type { Logger } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';
import { type Assessor, createAssessor, type Live, type Route } from './pipeline.ts';
import type { Releasers } from './releasers.ts';
import { loadTaxonomy } from './taxonomy/load.ts';

// The stages that need no store, put together: what the service, `scan` and `replay` share.

export interface Engine {
  readonly taxonomy: Taxonomy;
  readonly assessor: Assessor;
  /** Looks at traces while they are being written. */
  readonly live: Live;
  readonly rules: readonly Rule[];
  readonly rulesVersion: string;
  /** Null where the classifier does not run. */
  readonly classifierVersion: string | null;
  readonly policyVersion: string;
  readonly combiner: Combiner;
  /** Undefined where the classifier does not run, or does not read reasoning. */
  readonly training: HeadTraining | undefined;
  /** Who goes to the judge. */
  readonly route: Route;
  /** What its word makes of a provisional verdict. */
  readonly finalise: Finalise;
}

export interface EngineDeps {
  readonly config: Pick<Config, 'detect'>;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Distinct draws for the shadow sample. */
const DRAWS = 2 ** 32;

/** Threads for detectors: the event loop keeps one processor to itself. */
const threadsOf = ({ threads }: Config['detect']): number =>
  threads > 0 ? threads : Math.max(1, availableParallelism() - 1);

/** @throws CodedError `invalid_category`, `invalid_rule`, `invalid_policy`, or `invalid_config` for a model that cannot be used */
export const createEngine = async (
  { config, metrics, log, clock }: EngineDeps,
  releasers: Releasers,
): Promise<Engine> => {
  const taxonomy = loadTaxonomy(config.detect.categoriesDir);
  const files = loadRules(config.detect.rulesDir, taxonomy);
  const policy = loadPolicy(config.detect.policyFile, taxonomy);
  const combiner = loadCombiner();
  const threads = threadsOf(config.detect);
  const heuristics = createHeuristics(files, threads);
  releasers.add('heuristics', heuristics.close);
  const detectors: Detector[] = [heuristics];
  const add = (detector: Detector): void => {
    detectors.push(detector);
    releasers.add(detector.name, detector.close);
  };
  const { detectors: names, classifier: model } = config.detect;
  if (names.includes('legibility')) add(createLegibility({ threads, rescan: rescanWith(heuristics) }));
  if (names.includes('cross')) add(createCross({ threads }));
  let classifier: string | null = null;
  let training: HeadTraining | undefined;
  if (names.includes('classifier')) {
    const scorer = await createEncoderScorer({ threads, folder: model.modelDir, maxWindows: model.maxWindows });
    add(createClassifier(scorer));
    classifier = scorer.version;
    training = createHeadTraining(scorer, model.maxWindows);
  }
  const rules = detectors.filter(({ name }) => name !== 'classifier').map(({ hash }) => hash.slice(0, 16));
  const version = rules.join('.');
  const detect = createDetection({
    detectors,
    deadlineMs: config.detect.deadlineMs,
    metrics,
    log,
  });
  const decide = createDecide(policy, combiner, { rules: version, classifier, prompt: null });
  const locate = createLocate({ detectors, deadlineMs: config.detect.deadlineMs, log });
  const live = createLive({ files, threads: Math.max(1, threads >> 1), decide });
  releasers.add('live', live.close);
  return {
    taxonomy,
    assessor: createAssessor({ normalise, detect, decide, locate }, clock),
    live,
    rules: files.rules,
    rulesVersion: version,
    classifierVersion: classifier,
    policyVersion: policy.hash,
    combiner,
    training,
    route: createRoute(policy, () => randomInt(DRAWS) / DRAWS),
    finalise: createFinalise(policy),
  };
};
