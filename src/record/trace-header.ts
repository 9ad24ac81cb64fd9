import type { Trace } from '../domain/trace.ts';

/** What is told of a trace without its text, as stored. */
export interface TraceHeader {
  readonly conversationId: string;
  readonly turn: number | null;
  readonly model: Trace['model'];
  readonly format: string;
  readonly occurredAt: string;
  readonly labels: Trace['labels'];
  readonly usage: Trace['usage'];
  /** When its words were erased. */
  readonly erasedAt?: string;
}
