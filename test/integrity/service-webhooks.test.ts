import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../support/kafka/fixture.ts';
import { startPostgres } from '../support/postgres.ts';
import { ALERTING, sampleTrace } from '../support/sample-traces.ts';
import { startService } from '../support/service.ts';
import { openDatabase } from '../support/service-on-kafka.ts';

// The real service, a real database and a real receiver that misbehaves.

beforeAll(async () => {
  const postgres = await startPostgres();
  return () => postgres.stop();
});

const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const openReceiver = async (answer: (n: number, response: ServerResponse) => void) => {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    answer(received.length, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
};

const settingsFor = async (receiver: string): Promise<Record<string, string>> => {
  const folder = mkdtempSync(join(tmpdir(), 'cot-monitor-webhooks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const WEBHOOKS_FILE = join(folder, 'webhooks.yaml');
  writeFileSync(join(folder, 'secret'), `${SECRET}\n`);
  const endpoint = { name: 'oncall', url: receiver, tenants: ['default'], secretFile: 'secret' };
  writeFileSync(WEBHOOKS_FILE, JSON.stringify({ endpoints: [endpoint] }));
  const { url } = await openDatabase();
  return {
    DATABASE_URL: url,
    DETECTORS: 'heuristics',
    DETECT_DEADLINE_MS: '60000',
    CANARY_INTERVAL_MS: '0',
    WEBHOOKS_FILE,
    WEBHOOK_ALLOW_PRIVATE: 'true',
    WEBHOOK_TIMEOUT_MS: '1000',
  };
};

describe('webhooks of the service', () => {
  it('a message that was on its way when the service was killed arrives under the same id', async () => {
    const receiver = await openReceiver((n, response) => {
      // The first is taken and never answered: whether it arrived, only the receiver knows.
      if (n > 1) response.end();
    });
    const settings = await settingsFor(receiver.url);
    const victim = await startService({ ...settings, WEBHOOK_TIMEOUT_MS: '60000' });
    expect((await victim.post(sampleTrace(0))).body).toMatchObject({ decision: 'alert' });
    await until(() => receiver.received.length === 1, 'the first attempt', 60_000);
    await victim.kill('SIGKILL');

    // The lease of the dead process runs out: nobody has to wait for it here.
    const heir = await openDatabaseAt(settings.DATABASE_URL!);
    await heir("update webhook_deliveries set lease_until = now() where state = 'waiting'");
    const survivor = await startService(settings);
    await until(() => receiver.received.length === 2, 'the second attempt', 60_000);
    await until(
      async () => (await heir("select 1 from webhook_deliveries where state = 'sent'")) === 1,
      'sent',
      30_000,
    );
    const [first, second] = receiver.received;
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    expect(second!.body).toBe(first!.body);
    for (const { headers, body } of receiver.received) {
      const verified = new Webhook(SECRET).verify(body, headers as Record<string, string>);
      expect(verified).toMatchObject({ type: 'alert.raised', data: { count: 1, tenant: 'default' } });
      expect(body).not.toContain(ALERTING.slice(0, 20));
    }
    const ids = new Set(receiver.received.map(({ headers }) => headers['webhook-id']));
    expect(ids.size).toBe(1);
    expect(await survivor.kill('SIGTERM')).toBe(0);
  }, 240_000);

  it('what was given up is listed and, on request, sent again; a redirect leads nowhere', async () => {
    let mended = false;
    const receiver = await openReceiver((_, response) => {
      if (mended) response.end();
      else response.writeHead(307, { location: 'http://169.254.169.254/latest/' }).end();
    });
    const service = await startService({ ...(await settingsFor(receiver.url)), WEBHOOK_ATTEMPTS: '1' });
    await service.post(sampleTrace(0));
    const dead = async () =>
      ((await service.get('/v1/webhooks/deliveries')).body as { items: { state: string; reason: string }[] }).items;
    await until(async () => (await dead())[0]?.state === 'dead', 'the end of all attempts', 60_000);
    expect(await dead()).toMatchObject([{ reason: 'status_307', alerts: 1, attempts: 1 }]);
    const metrics = await (await fetch(`${service.address}/metrics`)).text();
    expect(metrics).toContain('cot_monitor_webhook_attempts_total{endpoint="oncall",result="dead"} 1');
    mended = true;
    const answer = await fetch(`${service.address}/v1/webhooks/retries`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ endpoint: 'oncall' }),
    });
    expect(await answer.json()).toEqual({ deliveries: 1 });
    await until(async () => (await dead()).length === 0, 'the delivery', 60_000);
    expect(receiver.received).toHaveLength(2);
  }, 240_000);
});

/** Runs a statement and resolves to how many rows it met. */
const openDatabaseAt = async (url: string): Promise<(statement: string) => Promise<number>> => {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  pool.on('error', () => {});
  onTestFinished(() => pool.end());
  return async (statement) => (await pool.query(statement)).rowCount ?? 0;
};
