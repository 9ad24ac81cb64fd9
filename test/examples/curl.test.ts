import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { verdictSchema } from '../../src/http/schemas/verdict.ts';
import { startService } from '../support/service.ts';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, '../../examples/curl.sh');

test('curl.sh prints the verdict on the trace that it is told', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'cot-monitor-example-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const service = await startService({ DATA_DIR: dataDir, DETECTORS: 'heuristics', DETECT_DEADLINE_MS: '60000' });
  const env = { ...process.env, COT_MONITOR_URL: service.address };
  const decisions = await Promise.all(
    ['1', '2'].map(async (line) => {
      const { stdout } = await run('bash', [SCRIPT, line], { env });
      return verdictSchema.parse(JSON.parse(stdout)).decision;
    }),
  );
  expect(decisions).toEqual(['clear', 'flag']);
  const nowhere = run('bash', [SCRIPT], { env: { ...env, COT_MONITOR_URL: 'http://127.0.0.1:1' } });
  await expect(nowhere).rejects.toMatchObject({ code: 7 });
});
