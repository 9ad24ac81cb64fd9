import type { Admin, Kafka } from 'kafkajs';

// How far the group is behind, per partition. Asked of the brokers, not derived from what was fetched: a consumer that
// fetches nothing would otherwise report that it has nothing to do.

export interface PartitionOffsets {
  readonly partition: number;
  /** Decimal strings. `committed` is "-1" where the group never committed. */
  readonly low: string;
  readonly high: string;
  readonly committed: string;
}

/** Records between the committed offset and the end, by partition. */
export const lagOf = (offsets: readonly PartitionOffsets[], fromBeginning: boolean): Map<number, number> =>
  new Map(
    offsets.map(({ partition, low, high, committed }) => {
      const first = BigInt(low);
      const end = BigInt(high);
      const stored = BigInt(committed);
      // A new group starts at one end or the other; retention may have removed what a slow one had yet to read.
      const at = stored < 0n ? (fromBeginning ? first : end) : stored < first ? first : stored;
      return [partition, at >= end ? 0 : Number(end - at)];
    }),
  );

export interface LagMeter {
  /** Rejects where the brokers do not answer. */
  read(): Promise<Map<number, number>>;
  close(): Promise<void>;
}

export interface LagMeterDeps {
  readonly kafka: Pick<Kafka, 'admin'>;
  readonly topic: string;
  readonly groupId: string;
  readonly fromBeginning: boolean;
}

export const createLagMeter = ({ kafka, topic, groupId, fromBeginning }: LagMeterDeps): LagMeter => {
  let current: Admin | undefined;

  const connected = async (): Promise<Admin> => {
    if (current !== undefined) return current;
    const admin = kafka.admin({ retry: { retries: 1 } });
    current = admin;
    await admin.connect();
    return admin;
  };

  const drop = async (): Promise<void> => {
    const last = current;
    current = undefined;
    await last?.disconnect().catch(() => undefined);
  };

  return {
    read: async () => {
      try {
        const admin = await connected();
        const [ends, groups] = await Promise.all([
          admin.fetchTopicOffsets(topic),
          admin.fetchOffsets({ groupId, topics: [topic] }),
        ]);
        const committed = new Map(groups.flatMap((g) => g.partitions).map((p) => [p.partition, p.offset]));
        return lagOf(
          ends.map(({ partition, low, high }) => ({
            partition,
            low,
            high,
            committed: committed.get(partition) ?? '-1',
          })),
          fromBeginning,
        );
      } catch (error) {
        await drop();
        throw error;
      }
    },
    close: drop,
  };
};
