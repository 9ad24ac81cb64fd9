import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../support/kafka/fixture.ts';
import { startOwnPostgres } from '../support/postgres.ts';
import { sampleTrace } from '../support/sample-traces.ts';
import { runToEnd, startService } from '../support/service.ts';

const OUTAGE_MS = 20_000;

const folder = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'cot-monitor-data-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
};

describe('the service and its store', () => {
  it('database away for 20 s: nothing acknowledged is lost, readiness says so, liveness does not flap', async () => {
    const postgres = await startOwnPostgres();
    onTestFinished(() => postgres.stop());
    const service = await startService({ DATABASE_URL: postgres.url });
    const acknowledged: number[] = [];
    const refused: number[] = [];
    let sending = true;
    const load = (async () => {
      for (let n = 0; sending; n++) {
        const { status, body } = await service.post(sampleTrace(n));
        if (status === 200) acknowledged.push(n);
        else {
          refused.push(n);
          expect(status).toBe(503);
          expect(body).toMatchObject({ code: 'store_unavailable' });
        }
        await wait(20);
      }
    })();
    await until(() => acknowledged.length > 20, 'some acknowledged');
    await postgres.pause();
    const end = Date.now() + OUTAGE_MS;
    const before = acknowledged.length;
    await until(async () => (await service.get('/readyz')).status === 503, 'readiness to say so');
    while (Date.now() < end) {
      expect((await service.get('/livez')).status).toBe(200);
      await wait(250);
    }
    expect(acknowledged.length - before).toBeLessThanOrEqual(1);
    await postgres.resume();
    await until(async () => (await service.get('/readyz')).status === 200, 'readiness to come back');
    const resumed = acknowledged.length;
    await until(() => acknowledged.length > resumed + 20, 'traces to be taken again');
    sending = false;
    await load;
    expect(refused.length).toBeGreaterThan(0);
    for (const n of acknowledged) expect((await service.get(`/v1/verdicts/trace-${n}`)).status, `trace-${n}`).toBe(200);
    expect(await service.kill('SIGTERM')).toBe(0);
  }, 120_000);

  it('embedded: what was acknowledged is there after a kill, and the lock that was left behind does not keep it shut', async () => {
    const DATA_DIR = await folder();
    const first = await startService({ DATA_DIR });
    for (let n = 0; n < 20; n++) expect((await first.post(sampleTrace(n))).status).toBe(200);
    await first.kill('SIGKILL');
    const second = await startService({ DATA_DIR });
    for (let n = 0; n < 20; n++) expect((await second.get(`/v1/verdicts/trace-${n}`)).status).toBe(200);
    expect(await second.kill('SIGTERM')).toBe(0);
  }, 120_000);

  it('embedded: a second process is told that the store is taken, and ends', async () => {
    const DATA_DIR = await folder();
    const first = await startService({ DATA_DIR });
    const { code, output } = await runToEnd({ DATA_DIR });
    expect(code).toBe(2);
    expect(output).toContain('store_locked');
    expect((await first.get('/readyz')).status).toBe(200);
  }, 120_000);

  it('a start that fails halfway gives back the store that it had opened', async () => {
    const DATA_DIR = await folder();
    const holder = await startService({ DATA_DIR: await folder() });
    const { code, output } = await runToEnd({ DATA_DIR, PORT: new URL(holder.address).port });
    expect(code).toBe(2);
    expect(output).toContain('choose another PORT');
    const next = await startService({ DATA_DIR });
    expect((await next.get('/readyz')).status).toBe(200);
  }, 120_000);

  it('a wrong setting stops the start, names the variable and the fix, and opens nothing', async () => {
    const { code, output } = await runToEnd({ DATA_DIR: await folder(), KAFKA_BROKER: 'localhost:9092' });
    expect(code).toBe(2);
    expect(output).toContain('KAFKA_BROKER is not a setting; did you mean KAFKA_BROKERS?');
  });

  it('a second signal ends it at once', async () => {
    const service = await startService({ DATA_DIR: await folder() });
    service.process.kill('SIGTERM');
    service.process.kill('SIGTERM');
    await until(() => service.process.exitCode !== null, 'the end');
  }, 60_000);
});
