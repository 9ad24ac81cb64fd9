import { freePorts } from '../ports.ts';
import type { RunningKafka } from './contract.ts';
import { untilReady } from './ready.ts';

const IMAGE = 'confluentinc/cp-kafka:7.9.1';
const PORT = 9093;

/** Why no container can be run here, or null. Answers within milliseconds where there is no engine. */
export const engineMissing = async (): Promise<string | null> => {
  const { getContainerRuntimeClient } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
    return null;
  } catch {
    return 'no container engine answers';
  }
};

/** The host port is fixed, as the broker advertises it and a restart must not change it. */
export const startContainerKafka = async (): Promise<RunningKafka> => {
  const [{ KafkaContainer }, { getContainerRuntimeClient }] = await Promise.all([
    import('@testcontainers/kafka'),
    import('testcontainers'),
  ]);
  const [port] = await freePorts(1);
  const started = await new KafkaContainer(IMAGE)
    .withKraft()
    .withExposedPorts({ container: PORT, host: port! })
    .withEnvironment({
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: '1000',
    })
    .start();
  const client = await getContainerRuntimeClient();
  const container = client.container.getById(started.getId());
  const brokers = [`${started.getHost()}:${started.getMappedPort(PORT)}`];
  const running = async (): Promise<boolean> => (await container.inspect()).State.Running;
  const kill = async (): Promise<void> => {
    if (await running()) await container.kill();
  };
  await untilReady(brokers);
  return {
    brokers,
    origin: 'container',
    pause: async () => {
      await container.pause();
    },
    resume: async () => {
      await container.unpause();
    },
    kill,
    restart: async () => {
      await kill();
      await container.start();
      await untilReady(brokers);
    },
    stop: async () => {
      await started.stop();
    },
  };
};
