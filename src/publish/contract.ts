// The narrow ports of the relay: where messages wait, and where they go.

export interface OutgoingMessage {
  readonly id: string;
  readonly kind: 'alert' | 'conversation_alert' | 'verdict';
  readonly key: string;
  readonly payload: string;
}

/** The outbox, as the relay sees it; `record` provides it. See the outbox of src/record/contract.ts for the promises. */
export interface MessageSource {
  drain(limit: number, publish: (messages: readonly OutgoingMessage[]) => Promise<readonly string[]>): Promise<number>;
  stats(): Promise<{ readonly depth: number; readonly oldest: Date | null }>;
}

/** Resolves to the ids that the other side acknowledged; rejects when none was. */
export interface AlertSink {
  publish(messages: readonly OutgoingMessage[]): Promise<readonly string[]>;
}
