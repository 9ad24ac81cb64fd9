// The queue of deliveries, as the courier sees it; `record` provides it. See src/record/webhooks/contract.ts.

export interface DeliveryQueue {
  intake(
    routing: { endpointsOf(tenant: string): readonly string[]; readonly windowMs: number },
    limit: number,
  ): Promise<number>;
  claim(
    endpoint: string,
    limit: number,
    leaseMs: number,
  ): Promise<
    readonly {
      readonly id: string;
      readonly tenant: string;
      readonly body: string;
      readonly attempts: number;
      readonly createdAt: Date;
    }[]
  >;
  delivered(id: string): Promise<void>;
  retryAt(id: string, notBefore: Date, reason: string): Promise<void>;
  giveUp(id: string, reason: string): Promise<void>;
  stats(): Promise<{ readonly waiting: number; readonly dead: number; readonly oldestDue: Date | null }>;
}
