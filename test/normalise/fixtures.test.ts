import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FIXTURES } from './fixtures/all.ts';

const page = readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8');

test('every fixture is listed in the documentation, and none is listed that is not there', () => {
  const section = page.slice(page.indexOf('## Fixtures'));
  const listed = [...section.matchAll(/^\| (.+) \|$/gm)].map((match) => match[1]).slice(2);
  expect(listed).toEqual(FIXTURES.map(({ name }) => name));
});
