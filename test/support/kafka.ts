import { engineMissing, startContainerKafka } from './kafka/container.ts';
import type { RunningKafka, SkippedKafka } from './kafka/contract.ts';
import { jvmMissing, startJvmKafka } from './kafka/jvm.ts';
import { untilReady } from './kafka/ready.ts';

// A real Apache Kafka broker for tests, whichever way this machine can have one: TEST_KAFKA_BROKERS, a container engine,
// or Java and Maven. Where none is to be had, suites
// are skipped with the reason in their name; REQUIRE_KAFKA=1 makes
// that a failure.

export type { RunningKafka, SkippedKafka } from './kafka/contract.ts';

const GIVEN = 'TEST_KAFKA_BROKERS';
export const isSkipped = (kafka: RunningKafka | SkippedKafka): kafka is SkippedKafka => 'skipped' in kafka;

/** What a suite is told where there is no broker. Throws where one was required. */
export const skip = (reason: string): SkippedKafka => {
  if (process.env.REQUIRE_KAFKA === '1') throw new Error(`REQUIRE_KAFKA=1, but there is no Kafka broker: ${reason}`);
  return { skipped: reason };
};

const given = async (brokers: string): Promise<RunningKafka> => {
  const list = brokers.split(',').map((broker) => broker.trim());
  await untilReady(list);
  const not = (): Promise<void> => Promise.reject(new Error(`the brokers of ${GIVEN} are not ours to stop`));
  return {
    brokers: list,
    origin: 'given',
    pause: not,
    resume: not,
    kill: not,
    restart: not,
    stop: async () => undefined,
  };
};

/**
 * Starts a broker, or says why none can be had. `own` asks for one that may be paused and killed: brokers that were given
 * are then not used.
 */
export const startKafka = async (options: { readonly own?: boolean } = {}): Promise<RunningKafka | SkippedKafka> => {
  const brokers = process.env[GIVEN];
  if (brokers !== undefined && brokers !== '' && options.own !== true) return given(brokers);
  const noEngine = await engineMissing();
  if (noEngine === null) return startContainerKafka();
  const noJvm = await jvmMissing();
  if (noJvm === null) return startJvmKafka();
  return skip(`${GIVEN} is not set, ${noEngine}, ${noJvm}`);
};
