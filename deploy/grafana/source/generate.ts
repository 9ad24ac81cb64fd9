import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardFiles, FOLDERS } from './dashboards.ts';

// `npm run dashboards`

const ROOT = join(import.meta.dirname, '..', '..', '..');

for (const folder of FOLDERS) {
  mkdirSync(join(ROOT, folder), { recursive: true });
  for (const { name, text } of dashboardFiles()) writeFileSync(join(ROOT, folder, name), text);
}
