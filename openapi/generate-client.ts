import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Writes the types of `cot-monitor/client` from openapi.json. The generator works on TypeScript 5 and would clash with
// ours in one tree, so npm fetches it for this run alone. The first line carries the document's hash: a test compares.

const document = fileURLToPath(new URL('openapi.json', import.meta.url));
const types = fileURLToPath(new URL('../src/client/schema.ts', import.meta.url));

const generator = ['-y', '-p', 'typescript@5.9.3', '-p', 'openapi-typescript@7.13.0', 'openapi-typescript'];
execFileSync('npx', [...generator, document, '-o', types], { stdio: ['ignore', 'ignore', 'inherit'] });
const hash = createHash('sha256').update(readFileSync(document)).digest('hex');
writeFileSync(
  types,
  `// From openapi.json ${hash} by \`npm run openapi\`; not edited by hand.\n${readFileSync(types, 'utf8')}`,
);
