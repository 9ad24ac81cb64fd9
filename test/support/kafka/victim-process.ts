import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { KafkaConfig } from '../../../src/config/kafka.ts';

export interface Victim {
  /** Numbers of the records that are durable so far. */
  durable(): Promise<number[]>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export const startVictim = async (
  config: KafkaConfig,
  { commitMs, workMs = 0 }: { readonly commitMs: number; readonly workMs?: number },
): Promise<Victim> => {
  const dir = await mkdtemp(join(tmpdir(), 'cot-monitor-victim-'));
  const file = join(dir, 'durable');
  const script = join(import.meta.dirname, 'victim.ts');
  const child = spawn(process.execPath, [script, JSON.stringify({ config, file, commitMs, workMs })], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(async () => {
    await kill();
    await rm(dir, { recursive: true, force: true });
  });
  return {
    durable: async () => {
      const text = await readFile(file, 'utf8').catch(() => '');
      // What follows the last line break is a line being written.
      return text.split('\n').slice(0, -1).map(Number);
    },
    kill,
  };
};
