import { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import { CodedError } from '../domain/errors.ts';
import type { AckedProducer } from '../kafka/producer.ts';
import { createRandom } from '../report/statistics/random.ts';
import { demoTrace } from './demo-week.ts';
import type { ServiceClient } from './remote-client.ts';
import type { Terminal } from './terminal.ts';

// `demo --live`: traffic that is made up as it goes, for dashboards to have something to show. Over Kafka and REST alike,
// with a little of what goes wrong in life.

export interface LiveDemoOptions {
  readonly seed: number;
  /** Traces a second. */
  readonly rate: number;
  /** 0: until it is stopped. */
  readonly count: number;
}

export interface LiveDemoDeps {
  readonly client: ServiceClient;
  /** Three of four traces go there. Undefined: all go over REST. */
  readonly records: { readonly producer: Pick<AckedProducer, 'send'>; readonly topic: string } | undefined;
  readonly clock: Clock;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Aborted: it stops. */
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
}

const anything = z.unknown();

/** An answer whose provider renamed the field that held the reasoning. */
const renamed = (number: number): object => ({
  id: `chatcmpl-demo-${number}`,
  object: 'chat.completion',
  model: 'aster-reason',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: 'The invoice importer is fixed.',
        inner_monologue: 'The importer fails on the last day of a short month, so the day is to be clamped. '.repeat(
          12,
        ),
      },
      finish_reason: 'stop',
    },
  ],
});

/** @returns exit code 0, or 1 where nothing at all was delivered */
export const liveDemo = async (deps: LiveDemoDeps, { seed, rate, count }: LiveDemoOptions): Promise<number> => {
  const { client, records, clock, sleep, signal, terminal } = deps;
  const random = createRandom(seed);
  const run = `${clock().getTime().toString(36)}-${seed}`;
  let delivered = 0;
  let lost = 0;

  const post = (body: unknown, query = ''): Promise<unknown> =>
    client.call('POST', `/v1/monitor${query}`, anything, body);
  const produce = async (key: string, value: string): Promise<void> => {
    await records?.producer.send(records.topic, [{ key, value }]);
  };

  const send = async (number: number): Promise<void> => {
    const trace = demoTrace(run, number, clock(), random);
    const overKafka = records !== undefined && number % 4 !== 0;
    await (overKafka ? produce(trace.conversationId, JSON.stringify(trace)) : post(trace));
    if (number % 25 === 4) await post(trace);
    if (number % 40 === 8) await produce(trace.conversationId, '{"segments": [{"kind": "reasoning", "te');
    if (number % 30 === 12) await post(renamed(number), '?format=openai.chat');
  };

  for (let number = 0; (count === 0 || number < count) && !signal.aborted; number++) {
    try {
      await send(number);
      delivered += 1;
    } catch (error) {
      lost += 1;
      // Words of a trace stand in no error of ours; of others only the kind is told.
      terminal.err.write(
        `not delivered: ${error instanceof CodedError ? error.message : 'the brokers did not take it'}\n`,
      );
      await sleep(2_000, signal);
    }
    await sleep(1_000 / rate, signal);
  }
  terminal.out.write(`Sent ${delivered} made-up traces; ${lost} could not be delivered.\n`);
  return delivered === 0 && lost > 0 ? 1 : 0;
};
