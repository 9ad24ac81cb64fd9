import { afterAll, describe } from 'vitest';
import { isSkipped, skip, startKafka } from '../kafka.ts';
import type { RunningKafka, SkippedKafka } from './contract.ts';

/** Set by a global set-up that found no broker, so that each suite need not look again. */
const SKIPPED = 'TEST_KAFKA_SKIPPED';

/**
 * The broker that suites share: the global set-up's, or, where a file is run without it, one for that file. Call it at
 * the top of a test file: `const kafka = await sharedKafka();`
 */
export const sharedKafka = async (options: { readonly own?: boolean } = {}): Promise<RunningKafka | SkippedKafka> => {
  const reason = process.env[SKIPPED];
  if (reason !== undefined && options.own !== true) return skip(reason);
  const kafka = await startKafka(options);
  if (!isSkipped(kafka)) afterAll(() => kafka.stop());
  return kafka;
};

/** A suite on a real broker; without one it is skipped, and its name says why. */
export const describeKafka = (
  kafka: RunningKafka | SkippedKafka,
  name: string,
  suite: (kafka: RunningKafka) => void,
): void => {
  if (isSkipped(kafka)) describe.skip(`${name} [skipped, no Kafka: ${kafka.skipped}]`, () => undefined);
  else describe(name, { timeout: 90_000 }, () => suite(kafka));
};
