import { Webhook } from 'standardwebhooks';
import type { AlertGroup } from '../../domain/webhook.ts';

// What an endpoint gets: the envelope, the identity and the signatures of the Standard Webhooks specification.

const WEBHOOK_SCHEMA = 'cot-monitor.webhook.v1';

export interface WebhookMessage {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface MessageParts {
  /** The same at every attempt: receivers know a repetition by it. */
  readonly id: string;
  /** JSON of `AlertGroup`. */
  readonly group: string;
  readonly createdAt: Date;
  readonly secrets: readonly string[];
  /** When it is sent: receivers refuse what is old, so that nobody can play it again. */
  readonly at: Date;
}

export const webhookMessage = ({ id, group, createdAt, secrets, at }: MessageParts): WebhookMessage => {
  const data = JSON.parse(group) as AlertGroup;
  const body = JSON.stringify({
    type: `alert.${data.type}`,
    timestamp: createdAt.toISOString(),
    data: { schema: WEBHOOK_SCHEMA, ...data },
  });
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'cot-monitor',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
    },
  };
};
