import { expect, test } from 'vitest';
import { showConfig } from '../../src/cli/show-config.ts';
import { printable, table } from '../../src/cli/terminal.ts';
import { VARIABLES } from '../../src/config/variables.ts';
import { holdTerminal, lastLine } from './fixture.ts';

const show = (env: Record<string, string>, json: boolean): string => {
  const terminal = holdTerminal();
  expect(showConfig(env, json, terminal)).toBe(0);
  return terminal.printed();
};

test('config lists every variable with its value and where that comes from', () => {
  const printed = show({ PORT: '9999' }, false);
  for (const name of Object.keys(VARIABLES)) expect(printed).toMatch(new RegExp(`^${name} `, 'm'));
  expect(printed).toMatch(/^PORT +9999 /m);
  expect(lastLine(printed)).toBe('The configuration is valid.');
});

test('config --json is one object of names and values', () => {
  const shown = JSON.parse(show({ PORT: '9999' }, true)) as Record<string, unknown>;
  expect(Object.keys(shown).sort()).toEqual(Object.keys(VARIABLES).sort());
  expect(String(shown.PORT)).toBe('9999');
});

test.each([true, false])('config never prints a secret, as JSON: %s', (json) => {
  expect(show({ KAFKA_SASL_PASSWORD: 'swordfish' }, json)).not.toContain('swordfish');
});

test('a table aligns its columns: the first to the left, the others to the right', () => {
  expect(
    table(
      ['name', 'n'],
      [
        ['a', '100'],
        ['long name', '1'],
      ],
    ),
  ).toBe(['name         n', '---------  ---', 'a          100', 'long name    1'].join('\n'));
  expect(table(['only'], [])).toBe('only\n----');
});

test('names on the terminal hold no control characters', () => {
  expect(printable('a\u001b[2J\nb\u202ec\u0000')).toBe('a·[2J·b·c·');
});
