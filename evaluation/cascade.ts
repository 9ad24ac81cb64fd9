import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// `npm run cascade`: prints the curves of docs/judging.md on corpus/, for an oracle and two simulated judges. No language
// model is asked: the answers are made up at the rates that are named, the same each time.

const ROOT = join(import.meta.dirname, '..');
const FAMILIES = join(ROOT, 'corpus', 'families');
const JUDGES = ['0.85,0.03', '0.7,0.1'];

const files = readdirSync(FAMILIES)
  .sort()
  .map((name) => join(FAMILIES, name));
const folder = mkdtempSync(join(tmpdir(), 'cot-monitor-cascade-'));

const run = (args: readonly string[], stdout: 'inherit' | 'ignore', changes: NodeJS.ProcessEnv = {}): void => {
  const env = { ...process.env, DETECT_DEADLINE_MS: '60000', LOG_LEVEL: 'error', ...changes };
  const { status } = spawnSync(process.execPath, [join(ROOT, 'src', 'main.ts'), ...args], {
    stdio: ['ignore', stdout, 'inherit'],
    env,
  });
  if (status !== 0) throw new Error(`${args[0]} ended with ${status}`);
};

try {
  for (const judge of JUDGES) {
    const answers = join(folder, `${judge}.jsonl`);
    // What detectors find is no part of an answer.
    run(['judge', 'record', ...files, '--simulate', judge, '--out', answers], 'ignore', { DETECTORS: 'heuristics' });
    process.stdout.write(`A judge that finds, and wrongly finds: ${judge}\n\n`);
    run(['eval', ...files, '--negatives', 'all', '--judge', answers], 'inherit');
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
