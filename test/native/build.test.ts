import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ARTEFACT, compileNative } from '../../native/build.ts';

test('the WebAssembly that the rule engine loads is what its source compiles to', async () => {
  const compiled = await compileNative();
  expect(Buffer.from(compiled).equals(readFileSync(ARTEFACT)), 'run `npm run native`').toBe(true);
}, 120_000);
