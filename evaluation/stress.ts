import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

// `npm run stress [SAMPLE]`: writes the report that is checked in under docs/stress/, on corpus/ alone.

const ROOT = join(import.meta.dirname, '..');
const OUT = join(ROOT, 'docs', 'stress');
const FAMILIES = join(ROOT, 'corpus', 'families');
const [sample = '150'] = process.argv.slice(2);

mkdirSync(OUT, { recursive: true });
const files = readdirSync(FAMILIES).map((name) => join(FAMILIES, name));
const path = join(OUT, 'corpus');
const outputs = ['--out', `${path}.json`, '--html', `${path}.html`, '--markdown', `${path}.md`];
const { status } = spawnSync(
  process.execPath,
  [join(ROOT, 'src', 'main.ts'), 'stress', ...files.sort(), '--sample', sample, ...outputs],
  // A slow machine must not turn into `timeout`; the service's own deadline is DETECT_DEADLINE_MS.
  { stdio: 'inherit', env: { ...process.env, DETECT_DEADLINE_MS: '60000', LOG_LEVEL: 'error' } },
);
process.exitCode = status ?? 1;
