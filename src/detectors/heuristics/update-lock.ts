import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadRules } from './load.ts';
import { lockSchema, nextLock } from './lock.ts';

// `npm run rules:lock`, after rules were added or changed and their versions raised.

const path = join(import.meta.dirname, 'rules.lock.json');
const lock = existsSync(path) ? lockSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : {};
const next = nextLock(loadRules().rules, lock);
writeFileSync(path, `${JSON.stringify(next, null, 2)}\n`);
process.stdout.write(`${Object.keys(next).length} rules locked.\n`);
