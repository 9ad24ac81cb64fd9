import { extname } from 'node:path';
import { createThreadPool } from '../thread-pool.ts';
import type { RuleFiles } from './load.ts';
import type { ScanReply, ScanTask } from './worker.ts';

// Scans run in worker threads, each of which compiles the rules once.

export interface ScanPool {
  scan(task: ScanTask): Promise<ScanReply>;
  close(): Promise<void>;
}

export const createScanPool = (files: RuleFiles, threads: number): ScanPool => {
  const worker = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url);
  const { run, close } = createThreadPool<ScanTask, ScanReply>(worker, threads, { files });
  return { scan: run, close };
};
