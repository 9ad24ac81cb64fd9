import { loadConfig } from '../src/config/config.ts';
import { systemClock } from '../src/domain/clock.ts';
import { createEngine } from '../src/engine.ts';
import { createLogger } from '../src/observe/log.ts';
import { createMetrics } from '../src/observe/metrics.ts';
import { createPipeline, type Pipeline } from '../src/pipeline.ts';
import { createGroupCommit } from '../src/record/group-commit.ts';
import { openStore } from '../src/record/store.ts';
import { createReleasers } from '../src/releasers.ts';
import { startOwnPostgres } from '../test/support/postgres.ts';

// The real pipeline on a real PostgreSQL with fsync on, for benchmarks: rules, policy, group commit, durable verdicts.

export interface BenchPipeline {
  readonly pipeline: Pipeline;
  close(): Promise<void>;
}

/** @param detectors as in DETECTORS */
export const openPipeline = async (detectors = 'heuristics'): Promise<BenchPipeline> => {
  const releasers = createReleasers();
  const server = await startOwnPostgres({ durable: true });
  releasers.add('server', server.stop);
  const config = loadConfig({ DATABASE_URL: server.url, DETECTORS: detectors });
  const log = createLogger('warn');
  const metrics = createMetrics({ processMetrics: false });
  const store = await openStore({ ...config.store, clock: systemClock, log });
  releasers.add('store', store.close);
  const engine = await createEngine({ config, metrics, log, clock: systemClock }, releasers);
  const commit = createGroupCommit(store.write, {
    maxBatch: config.store.batchSize,
    metrics,
    models: new Set(),
    categories: engine.taxonomy.ids,
    clock: systemClock,
  });
  return {
    pipeline: createPipeline(engine.assessor, commit, { conversationOf: store.conversationOf }),
    close: releasers.release,
  };
};
