import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { startService } from '../../../src/compose.ts';
import { loadConfig } from '../../../src/config/config.ts';
import { createLogger } from '../../../src/observe/log.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Builds the page from its sources as they are now. */
export const buildPage = async (): Promise<void> => {
  await build({ configFile: join(ROOT, 'console', 'vite.config.ts') });
};

/** The whole service on a store of its own, with the page. */
export const startWithPage = async (): Promise<{ readonly address: string; readonly close: () => Promise<void> }> => {
  await buildPage();
  const folder = mkdtempSync(join(tmpdir(), 'cot-monitor-page-'));
  const config = loadConfig({ PORT: '0', DATA_DIR: folder, LOG_LEVEL: 'silent', WORKER_THREADS: '1' });
  const service = await startService({ config, log: createLogger('silent'), clock: () => new Date() });
  return {
    address: service.address,
    close: async () => {
      await service.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
