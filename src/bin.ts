#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

// Where the system's Node is too old, the one that the package brings along runs the program. This file must therefore
// stay readable to old versions, and import nothing else before it knows.

const OLDEST = 24;
const bundled = join(import.meta.dirname, '..', 'node_modules', 'node', 'bin', 'node');

if (Number.parseInt(process.versions.node, 10) >= OLDEST) {
  await import('./main.ts');
} else if (existsSync(bundled)) {
  const script = process.argv[1];
  const result = spawnSync(bundled, script === undefined ? [] : [script, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exitCode = result.status ?? 1;
} else {
  process.stderr.write(`cot-monitor needs Node ${OLDEST} or newer; this is ${process.versions.node}.\n`);
  process.exitCode = 1;
}
