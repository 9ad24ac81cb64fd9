// The queue of webhook deliveries, as those who send, list and mend them see it.

/** `waiting`: to be sent, or being sent. `sent`: taken; kept until its window is over. `dead`: given up. */
export type DeliveryState = 'waiting' | 'sent' | 'dead';

/** Who is told of a tenant's alerts, and for how long alerts of one group are gathered. */
export interface Routing {
  /** Names of endpoints. */
  endpointsOf(tenant: string): readonly string[];
  /** Milliseconds; 0 tells of each alert by itself. */
  readonly windowMs: number;
}

/** One message that is to be sent now. */
export interface ClaimedDelivery {
  /** Stays the same however often it is sent. */
  readonly id: string;
  readonly tenant: string;
  /** JSON of `AlertGroup`. */
  readonly body: string;
  /** This one included. */
  readonly attempts: number;
  readonly createdAt: Date;
}

export interface Delivery {
  readonly id: string;
  readonly endpoint: string;
  readonly state: DeliveryState;
  /** Alerts that it tells of. */
  readonly alerts: number;
  readonly attempts: number;
  readonly createdAt: Date;
  /** When it is tried next; meaningless unless it waits. */
  readonly notBefore: Date;
  /** Why the latest attempt failed. */
  readonly reason: string | null;
}

export interface DeliveryStats {
  readonly waiting: number;
  readonly dead: number;
  /** When the oldest delivery that is due should have gone; null where none is. */
  readonly oldestDue: Date | null;
}

/** Which deliveries a person means; without ids, all of the endpoint, or all. */
export interface DeliverySelection {
  readonly ids?: readonly string[] | undefined;
  readonly endpoint?: string | undefined;
}

export interface Webhooks {
  /** Moves alerts from the outbox into deliveries, oldest first. Returns how many alerts it moved. */
  intake(routing: Routing, limit: number): Promise<number>;
  /** Leases what is due at an endpoint. Who does not settle it within the lease leaves it to the next. */
  claim(endpoint: string, limit: number, leaseMs: number): Promise<readonly ClaimedDelivery[]>;
  delivered(id: string): Promise<void>;
  retryAt(id: string, notBefore: Date, reason: string): Promise<void>;
  giveUp(id: string, reason: string): Promise<void>;
  stats(): Promise<DeliveryStats>;
  /** What waits or is dead, newest first. */
  list(tenant: string, limit: number): Promise<readonly Delivery[]>;
  /** Puts the dead back to be sent now. Returns how many. */
  revive(tenant: string, which: DeliverySelection): Promise<number>;
  /** Deletes what is dead or waits. Returns how many. */
  discard(tenant: string, which: DeliverySelection): Promise<number>;
}
