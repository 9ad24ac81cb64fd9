import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../ports.ts';
import type { RunningKafka } from './contract.ts';
import { untilReady } from './ready.ts';

// A broker on the local JVM, in KRaft combined mode. The jars are fetched once, through Maven, into a cache that outlives
// the run; data lives in a folder of its own that does not.

const POM = join(import.meta.dirname, 'pom.xml');
const run = promisify(execFile);

const kafkaVersion = async (): Promise<string> =>
  /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([^<]+)</.exec(await readFile(POM, 'utf8'))![1]!;

/** Why a broker cannot be run here, or null. */
export const jvmMissing = async (): Promise<string | null> => {
  const missing: string[] = [];
  for (const [tool, flag] of [
    ['java', '-version'],
    ['mvn', '-v'],
  ] as const) {
    await run(tool, [flag]).catch(() => missing.push(tool));
  }
  return missing.length === 0 ? null : `${missing.join(' and ')} cannot be run`;
};

/** Resolves to the folder that holds the jars. */
const jars = async (): Promise<string> => {
  const version = await kafkaVersion();
  const cache = join(process.env.TEST_CACHE_DIR ?? tmpdir(), `cot-monitor-kafka-${version}`);
  const libs = join(cache, 'libs');
  if (existsSync(libs)) return libs;
  await mkdir(cache, { recursive: true });
  const fetching = await mkdtemp(join(cache, 'fetching-'));
  await run('mvn', ['-q', '-B', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${fetching}`]);
  // Renamed when complete, so that a run beside this one never sees half of it; whoever comes second throws its own away.
  await rename(fetching, libs).catch(() => rm(fetching, { recursive: true, force: true }));
  return libs;
};

const properties = (dir: string, port: number, controllerPort: number): string =>
  [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    `log.dirs=${join(dir, 'data')}`,
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=4',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=2',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    // A broker that was killed may come back under its name only when its old session has run out.
    'broker.session.timeout.ms=1500',
    'broker.heartbeat.interval.ms=300',
    'group.initial.rebalance.delay.ms=0',
    'group.min.session.timeout.ms=1000',
    'auto.create.topics.enable=false',
    '',
  ].join('\n');

const JAVA_OPTIONS = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', () => resolve()));

/** Starts a broker of its own. Its name for itself never changes, so clients find it again after `restart`. */
export const startJvmKafka = async (): Promise<RunningKafka> => {
  const classpath = [join(await jars(), '*')].join(delimiter);
  const dir = await mkdtemp(join(tmpdir(), 'cot-monitor-broker-'));
  const config = join(dir, 'server.properties');
  const [port, controllerPort] = await freePorts(2);
  await writeFile(config, properties(dir, port!, controllerPort!));
  const id = randomBytes(16).toString('base64url');
  // With an equals sign: one id in 64 begins with a dash, and would be read as an option.
  await run('java', ['-cp', classpath, 'kafka.tools.StorageTool', 'format', `--cluster-id=${id}`, '-c', config]);

  const brokers = [`127.0.0.1:${port}`];
  let child: ChildProcess | undefined;

  const launch = async (): Promise<void> => {
    const log = await open(join(dir, 'broker.log'), 'a');
    const started = spawn('java', [...JAVA_OPTIONS, '-cp', classpath, 'kafka.Kafka', config], {
      stdio: ['ignore', log.fd, log.fd],
    });
    child = started;
    await log.close();
    const died = ended(started).then(async () => {
      const tail = (await readFile(join(dir, 'broker.log'), 'utf8').catch(() => '')).slice(-2_000);
      throw new Error(`the broker ended while it was starting:\n${tail}`);
    });
    died.catch(() => undefined);
    await Promise.race([untilReady(brokers), died]);
  };

  const kill = async (): Promise<void> => {
    if (child === undefined) return;
    child.kill('SIGKILL');
    await ended(child);
  };

  // A run that is killed takes its broker along.
  const onExit = (): void => {
    child?.kill('SIGKILL');
  };
  process.on('exit', onExit);

  const stop = async (): Promise<void> => {
    process.off('exit', onExit);
    await kill();
    await rm(dir, { recursive: true, force: true });
  };

  try {
    await launch();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    brokers,
    origin: 'jvm',
    pause: async () => {
      child?.kill('SIGSTOP');
    },
    resume: async () => {
      child?.kill('SIGCONT');
    },
    kill,
    restart: async () => {
      await kill();
      await launch();
    },
    stop,
  };
};
