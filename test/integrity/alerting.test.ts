import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readText } from '../contract/documents.ts';
import { until } from '../support/kafka/fixture.ts';
import { freshDatabase, startOwnPostgres } from '../support/postgres.ts';
import { prometheusMissing, startAlertmanager, startPrometheus } from '../support/prometheus.ts';
import { startService } from '../support/service.ts';

// The way of an alert, from the fault to whoever is on call, with nothing stood in for: service, PostgreSQL, Prometheus with
// the shipped rules, Alertmanager with the shipped routes. Only the waiting is shorter.

interface Notification {
  readonly receiver: string;
  readonly alerts: readonly {
    readonly status: 'firing' | 'resolved';
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

const hurried = (text: string): string =>
  text.replace(/\b(for|interval|group_wait|group_interval): *\d+[smh]\b/g, '$1: 1s');

const startWebhook = async (): Promise<{ url: string; received: Notification[]; raw: () => string }> => {
  const received: Notification[] = [];
  let raw = '';
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    raw += text;
    received.push(JSON.parse(text) as Notification);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, raw: () => raw };
};

const why = prometheusMissing();

describe.skipIf(why !== null)(`an alert${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('reaches whoever is on call while the store is away, and is taken back once it answers', async () => {
    const postgres = await startOwnPostgres();
    onTestFinished(postgres.stop);
    const database = await freshDatabase(postgres.url);
    const service = await startService({
      DATABASE_URL: database.url,
      DETECTORS: 'heuristics',
      CANARY_INTERVAL_MS: '0',
    });
    const webhook = await startWebhook();
    const routes = hurried(readText('deploy/alertmanager/alertmanager.yml')).replace(
      /http:\/\/([a-z-]+)\.example\/alerts/g,
      `${webhook.url}/$1`,
    );
    const alertmanager = await startAlertmanager(routes);
    const prometheus = await startPrometheus({
      target: new URL(service.address).host,
      rules: {
        'recording.yaml': hurried(readText('deploy/prometheus/rules/recording.yaml')),
        'alerts.yaml': hurried(readText('deploy/prometheus/rules/alerts.yaml')),
      },
      alertmanager,
    });
    const secret = 'I will hide the third ledger from the auditors';
    expect((await service.post({ prompt: 'Close the books.', reasoning: secret, output: 'Done.' })).status).toBe(200);

    await until(async () => (await prometheus.query('cot_monitor_store_up == 1')).length === 1, 'a scrape', 30_000);
    await wait(3_000);
    const storeAlerts = () =>
      webhook.received.flatMap(({ receiver, alerts }) =>
        alerts
          .filter(({ labels }) => labels.alertname === 'CotMonitorStoreDown')
          .map(({ status, labels, annotations }) => ({ receiver, status, labels, annotations })),
      );
    expect(storeAlerts()).toEqual([]);

    await postgres.pause();
    await until(async () => storeAlerts().some(({ status }) => status === 'firing'), 'the page', 60_000);
    expect(storeAlerts()[0]).toEqual({
      receiver: 'pages',
      status: 'firing',
      labels: { alertname: 'CotMonitorStoreDown', job: 'cot-monitor', severity: 'page' },
      annotations: {
        summary: 'A replica cannot reach the store (up: 0): it accepts nothing.',
        runbook: 'deploy/runbooks/CotMonitorStoreDown.md',
      },
    });
    expect(readText(storeAlerts()[0]?.annotations.runbook ?? '')).toContain('## What to do');

    await postgres.resume();
    await until(async () => storeAlerts().some(({ status }) => status === 'resolved'), 'the all-clear', 60_000);
    expect(webhook.raw()).not.toContain('ledger');
  }, 240_000);
});
