import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { filesUnder, ROOT } from '../contract/documents.ts';

// A helm binary, where there is one: on PATH, or in the folder that TEST_CACHE_DIR names. Suites that need it are skipped by
// name elsewhere.

export type Tree = Record<string, unknown>;

export const CHART = 'helm/cot-monitor';

/** Values of each shape that the chart promises. */
export const SHAPES = filesUnder(`${CHART}/ci`);

export const helm: string | undefined = [
  ...(process.env.PATH ?? '').split(delimiter),
  process.env.TEST_CACHE_DIR ?? join(homedir(), '.cache/cot-monitor'),
]
  .map((folder) => join(folder, 'helm'))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Belongs into the name of a suite that needs it. */
export const helmMissing = helm === undefined ? ' (skipped: no helm on PATH or in $TEST_CACHE_DIR)' : '';

export const template = (...args: string[]) =>
  spawnSync(helm ?? '', ['template', 'try', join(ROOT, CHART), '--kube-version', '1.31.0', ...args], {
    encoding: 'utf8',
  });
