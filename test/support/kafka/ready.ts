import { setTimeout as wait } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { muteTimeoutWarning } from '../../../src/kafka/warnings.ts';

/** Resolves when the brokers answer and have a controller. */
export const untilReady = async (brokers: readonly string[], timeoutMs = 60_000): Promise<void> => {
  muteTimeoutWarning();
  const kafka = new kafkajs.Kafka({
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    connectionTimeout: 1_000,
    retry: { retries: 0 },
  });
  const deadline = Date.now() + timeoutMs;
  while (true) {
    const admin = kafka.admin();
    try {
      await admin.connect();
      const { controller, brokers: seen } = await admin.describeCluster();
      if (controller !== null && seen.length > 0) return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
    await wait(200);
  }
};
