import { randomBytes } from 'node:crypto';
import { readTask, type Task } from './cli/arguments.ts';
import type { FilesDeps } from './cli/assess-files.ts';
import { localAuditors, remoteAuditors, verifyAudit } from './cli/audit.ts';
import { readChanges, remoteBacktest, runBacktest } from './cli/backtest.ts';
import { calibrate } from './cli/calibrate.ts';
import { usage } from './cli/commands.ts';
import { localDemo, remoteDemo, seedDemo } from './cli/demo.ts';
import { eraseWords, localErase, remoteErase } from './cli/erase.ts';
import { evaluate } from './cli/eval.ts';
import type { CascadeView } from './cli/eval-judge.ts';
import { localHoldDesk, manageHolds, remoteHoldDesk } from './cli/holds.ts';
import { tendDead } from './cli/judge-dead.ts';
import { writeExamples } from './cli/judge-examples.ts';
import { recordAnswers } from './cli/judge-record.ts';
import { localKeyDesk, manageKeys, remoteKeyDesk } from './cli/keys.ts';
import { liveDemo } from './cli/live-demo.ts';
import { createServiceClient } from './cli/remote-client.ts';
import { createRemoteReader } from './cli/remote-traces.ts';
import { replay } from './cli/replay.ts';
import { remoteExpire, runRetention } from './cli/retention.ts';
import { scan } from './cli/scan.ts';
import { showConfig } from './cli/show-config.ts';
import { stress } from './cli/stress.ts';
import { printable, type Terminal } from './cli/terminal.ts';
import { localWebhookDesk, mendWebhooks, remoteWebhookDesk } from './cli/webhooks.ts';
import { policyViewOf } from './compose/policy-view.ts';
import { startService, VERSION } from './compose.ts';
import { type Config, loadConfig } from './config/config.ts';
import { changePolicy, loadPolicy } from './decide/policy.ts';
import { createRedecide } from './decide/redecide.ts';
import { createJudge } from './detectors/judge/judge.ts';
import { loadPrompts } from './detectors/judge/prompts.ts';
import { DEFAULT_TENANT } from './domain/access.ts';
import { systemClock } from './domain/clock.ts';
import { CodedError } from './domain/errors.ts';
import type { Trace } from './domain/trace.ts';
import { createEngine, type Engine } from './engine.ts';
import { sleep } from './kafka/backoff.ts';
import { createKafka } from './kafka/client.ts';
import { createAckedProducer } from './kafka/producer.ts';
import { createLogger, type Logger } from './observe/log.ts';
import { createMetrics } from './observe/metrics.ts';
import { type OpenStore, openStore } from './record/store.ts';
import { type Releasers, withReleasers } from './releasers.ts';
import { serve } from './serve.ts';
import { loadTaxonomy } from './taxonomy/load.ts';

// The process: command line → config → compose → run. Exit codes: 0 done, 1 what the command looked for was found or it
// failed, 2 the command line or the input was wrong.

const terminal: Terminal = { out: process.stdout, err: process.stderr, interactive: process.stderr.isTTY === true };

const engineFor = (config: Config, log: Logger, releasers: Releasers): Promise<Engine> =>
  createEngine({ config, metrics: createMetrics({ processMetrics: false }), log, clock: systemClock }, releasers);

const filesFor = async (config: Config, log: Logger, releasers: Releasers): Promise<FilesDeps> => ({
  assessor: (await engineFor(config, log, releasers)).assessor,
  terminal,
  maxLineBytes: config.http.maxBodyBytes,
});

const policyOf = ({ detect }: Config) => loadPolicy(detect.policyFile, loadTaxonomy(detect.categoriesDir));

const cascadeFor = (config: Config): CascadeView => {
  const { cascade, stances } = policyOf(config);
  return { high: cascade.band.high, odds: cascade.odds, stances };
};

/** Undefined where no judge is configured. */
const judgeFor = ({ judge, detect }: Config, log: Logger) => {
  if (judge === undefined) return undefined;
  const { categories } = loadTaxonomy(detect.categoriesDir);
  const metrics = createMetrics({ processMetrics: false });
  const random = { random: randomBytes, jitter: Math.random };
  const { judge: ask } = createJudge(judge, { categories, metrics, log, clock: systemClock, ...random });
  return (trace: Trace) => ask({ trace, tenant: trace.tenant, signal: new AbortController().signal });
};

const storeFor = async (config: Config, log: Logger, releasers: Releasers): Promise<OpenStore> => {
  const store = await openStore({ ...config.store, clock: systemClock, log });
  releasers.add('store', store.close);
  return store;
};

const serviceAt = (url: string, { serviceKey }: Config) => createServiceClient({ url, key: serviceKey }, fetch);

/** Runs with a stack of releasers and releases it, however it ends. */
const within = (work: (releasers: Releasers) => Promise<number>): Promise<number> =>
  withReleasers(async (releasers) => {
    const code = await work(releasers);
    await releasers.release();
    return code;
  });

const perform = async (task: Task): Promise<number> => {
  if (task.command === 'help') return terminal.out.write(usage()) ? 0 : 0;
  if (task.command === 'version') return terminal.out.write(`${VERSION}\n`) ? 0 : 0;
  if (task.command === 'wrong') {
    terminal.err.write(`cot-monitor: ${printable(task.problem)}\n\n${usage()}`);
    return 2;
  }
  const config = loadConfig(process.env);
  const log = createLogger(config.logLevel);
  switch (task.command) {
    case 'serve':
      return serve({
        config,
        log,
        terminal,
        start: () => startService({ config, log, clock: systemClock }),
        signals: process,
        exit: (code) => process.exit(code),
      });
    case 'config':
      return showConfig(process.env, task.json, terminal);
    case 'migrate':
      return within(async (releasers) => {
        const store = await storeFor({ ...config, store: { ...config.store, migrate: true } }, log, releasers);
        terminal.out.write(`The ${store.kind} store is up to date.\n`);
        return 0;
      });
    case 'keys':
      return within(async (releasers) => {
        if (config.serviceUrl !== undefined) {
          return manageKeys(remoteKeyDesk(serviceAt(config.serviceUrl, config)), task.task, systemClock(), terminal);
        }
        const store = await storeFor(config, log, releasers);
        return manageKeys(localKeyDesk(store.keys, DEFAULT_TENANT), task.task, systemClock(), terminal);
      });
    case 'judge':
      return within(async (releasers) => {
        const { task: wish } = task;
        if (wish.action === 'record') {
          const files = await filesFor(config, log, releasers);
          return recordAnswers({ ...files, ask: judgeFor(config, log) }, wish);
        }
        const store = await storeFor(config, log, releasers);
        return wish.action === 'dead'
          ? tendDead(store.deadLetters, wish, terminal)
          : writeExamples(store.reviews, wish, terminal);
      });
    case 'audit':
      return within(async (releasers) => {
        if (config.serviceUrl !== undefined) {
          return verifyAudit(remoteAuditors(serviceAt(config.serviceUrl, config)), task.task, terminal);
        }
        const store = await storeFor(config, log, releasers);
        return verifyAudit(localAuditors(store), task.task, terminal);
      });
    case 'webhooks':
      return within(async (releasers) => {
        if (config.serviceUrl !== undefined) {
          return mendWebhooks(remoteWebhookDesk(serviceAt(config.serviceUrl, config)), task.task, terminal);
        }
        const store = await storeFor(config, log, releasers);
        return mendWebhooks(localWebhookDesk(store.webhooks, DEFAULT_TENANT), task.task, terminal);
      });
    case 'erase':
      return within(async (releasers) => {
        if (config.serviceUrl !== undefined) {
          return eraseWords(remoteErase(serviceAt(config.serviceUrl, config)), task.task, terminal);
        }
        const store = await storeFor(config, log, releasers);
        return eraseWords(localErase(store, DEFAULT_TENANT), task.task, terminal);
      });
    case 'holds':
      return within(async (releasers) => {
        if (config.serviceUrl !== undefined) {
          return manageHolds(remoteHoldDesk(serviceAt(config.serviceUrl, config)), task.task, terminal);
        }
        const store = await storeFor(config, log, releasers);
        return manageHolds(localHoldDesk(store.holds, DEFAULT_TENANT), task.task, terminal);
      });
    case 'retention':
      return within(async (releasers) => {
        if (config.serviceUrl !== undefined) {
          return runRetention(remoteExpire(serviceAt(config.serviceUrl, config)), terminal);
        }
        const store = await storeFor(config, log, releasers);
        return runRetention(() => store.expire(config.retention), terminal);
      });
    case 'backtest':
      return within(async (releasers) => {
        const changes = readChanges(task.task.policy);
        if (config.serviceUrl !== undefined) {
          const address = { url: config.serviceUrl, key: config.serviceKey };
          return remoteBacktest({ address, fetcher: fetch, terminal, now: systemClock() }, changes, task.task);
        }
        const taxonomy = loadTaxonomy(config.detect.categoriesDir);
        const redecide = createRedecide(changePolicy(policyOf(config), changes, taxonomy));
        const store = await storeFor(config, log, releasers);
        const now = systemClock();
        return runBacktest({ read: store.storedVerdicts, redecide, terminal, now, tenant: DEFAULT_TENANT }, task.task);
      });
    case 'demo':
      return within(async (releasers) => {
        if (config.serviceUrl !== undefined) {
          return seedDemo(remoteDemo(serviceAt(config.serviceUrl, config)), task.options, systemClock, terminal);
        }
        let time = systemClock();
        const store = await storeFor(config, log, releasers);
        const metrics = createMetrics({ processMetrics: false });
        const { assessor } = await createEngine({ config, metrics, log, clock: () => time }, releasers);
        const setTime = (at: Date): void => {
          time = at;
        };
        return seedDemo(localDemo(assessor, store, DEFAULT_TENANT, setTime), task.options, systemClock, terminal);
      });
    case 'live-demo':
      return within(async (releasers) => {
        if (config.serviceUrl === undefined) {
          throw new CodedError('invalid_config', 'demo --live sends to a running service: set COT_MONITOR_URL to it.');
        }
        const stopping = new AbortController();
        for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
        const producer = config.kafka === undefined ? undefined : createAckedProducer(createKafka(config.kafka, log));
        if (producer !== undefined) releasers.add('producer', producer.close);
        const topic = config.kafka?.topics.traces;
        return liveDemo(
          {
            client: serviceAt(config.serviceUrl, config),
            records: producer === undefined || topic === undefined ? undefined : { producer, topic },
            clock: systemClock,
            sleep,
            signal: stopping.signal,
            terminal,
          },
          task.options,
        );
      });
    case 'scan':
      return within(async (releasers) => scan(await filesFor(config, log, releasers), task.options));
    case 'eval':
      return within(async (releasers) => {
        const { assessor, combiner, training } = await engineFor(config, log, releasers);
        const deps = {
          assessor,
          terminal,
          maxLineBytes: config.http.maxBodyBytes,
          model: combiner,
          training,
          cascade: cascadeFor(config),
        };
        return evaluate(deps, task.options);
      });
    case 'calibrate':
      return within(async (releasers) => {
        const policy = policyViewOf(policyOf(config));
        const { categories } = loadTaxonomy(config.detect.categoriesDir);
        const { scale } = loadPrompts(categories, config.judge?.promptDir);
        const observations = new Set(categories.filter((c) => c.group === 'observation').map(({ id }) => id));
        const files = await filesFor(config, log, releasers);
        return calibrate({ ...files, policy, priorScale: scale.knots, observations }, task.options);
      });
    case 'stress':
      return within(async (releasers) => {
        const { assessor, combiner } = await engineFor(config, log, releasers);
        const deps = { assessor, terminal, maxLineBytes: config.http.maxBodyBytes, risk: combiner.risk };
        return stress(deps, task.options);
      });
    case 'replay':
      return within(async (releasers) => {
        const engine = await engineFor(config, log, releasers);
        if (config.serviceUrl !== undefined) {
          return replay(
            engine.assessor,
            createRemoteReader(serviceAt(config.serviceUrl, config)),
            task.options,
            terminal,
          );
        }
        const store = await storeFor(config, log, releasers);
        return replay(engine.assessor, store.keptTraces, task.options, terminal);
      });
  }
};

try {
  process.exitCode = await perform(readTask(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof CodedError)) throw error;
  terminal.err.write(`cot-monitor: ${error.code}: ${error.message}\n`);
  process.exitCode = 2;
}
