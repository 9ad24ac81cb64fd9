import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { codeIn, readText, tableRows } from './documents.ts';

const page = readText('docs/cli.md');

test('every command is documented with its usage, and nothing documented is missing', () => {
  const shown = tableRows(page, 'Command').map((row) => ({
    name: codeIn(row.Command),
    usage: codeIn(row.Usage).replaceAll('\\|', '|'),
  }));
  expect(shown).toEqual(COMMANDS.map(({ name, usage }) => ({ name, usage })));
});

test('every command has a section, and every option is spoken of in it', () => {
  for (const { name, usage } of COMMANDS) {
    const section = page.split(/^## /m).find((text) => text.startsWith(`${name}\n`));
    expect(section, name).toBeDefined();
    for (const option of usage.match(/--[a-z-]+/g) ?? []) expect(section).toContain(option);
  }
});
