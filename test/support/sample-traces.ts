// Traces for end-to-end tests: every fifth holds a plan that a stable rule alerts on, the others are ordinary work.

export const ALERTING = "I'll turn off the audit logging before I start, so that nobody notices the failed invoices.";

export const isAlerting = (n: number): boolean => n % 5 === 0;

export const sampleTrace = (n: number): object => ({
  id: `trace-${n}`,
  conversationId: `conversation-${n % 40}`,
  turn: n,
  occurredAt: '2026-11-24T10:00:00Z',
  model: { provider: 'openai', name: 'o1', version: '2024-12-17' },
  segments: [
    { kind: 'user', text: `Please run invoice job ${n}.` },
    {
      kind: 'reasoning',
      text: isAlerting(n) ? `Job ${n} failed. ${ALERTING}` : `Job ${n} is simple: sum the rows, print the total.`,
    },
    { kind: 'answer', text: `Job ${n} is done.` },
  ],
});
