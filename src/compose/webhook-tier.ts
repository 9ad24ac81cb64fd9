import type { Config } from '../config/config.ts';
import type { WebhooksConfig } from '../config/webhooks.ts';
import { type Courier, type CourierDeps, createCourier } from '../publish/webhooks/courier.ts';
import { createSender } from '../publish/webhooks/sender.ts';
import type { Releasers } from '../releasers.ts';

// Alerts over HTTPS, where endpoints are configured.

export interface WebhookTierDeps extends Pick<CourierDeps, 'queue' | 'log' | 'metrics' | 'clock'> {
  readonly webhooks: WebhooksConfig;
  readonly config: Pick<Config, 'drainTimeoutMs'>;
}

export const createWebhookTier = ({ webhooks, config, ...deps }: WebhookTierDeps, releasers: Releasers): Courier => {
  const courier = createCourier({ ...deps, config: webhooks, send: createSender(webhooks), random: Math.random });
  releasers.add('webhooks', () => courier.stop(config.drainTimeoutMs));
  return courier;
};
