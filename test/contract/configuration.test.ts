import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/config.ts';
import { VARIABLES } from '../../src/config/variables.ts';
import { codeIn, duplicatesIn, filesUnder, readText, tableRows } from './documents.ts';

const rows = tableRows(readText('docs/configuration.md'), 'Variable');
const documented = rows.map((row) => codeIn(row.Variable));
const known = Object.keys(VARIABLES);

/** Read by the tests and by CI alone, never by the service. */
const TEST_ONLY = new Set(['TEST_CACHE_DIR', 'TEST_LITELLM_PYTHON']);

const asText = (value: unknown): string => {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '';
  return Array.isArray(value) ? value.join(',') : String(value);
};

test('every variable is documented once, and nothing documented is missing', () => {
  expect(duplicatesIn(documented)).toEqual([]);
  expect([...documented].sort()).toEqual([...known].sort());
});

test('documented defaults are the ones in force', () => {
  const shown = Object.fromEntries(rows.map((row) => [codeIn(row.Variable), codeIn(row.Default)]));
  const real = Object.fromEntries(
    Object.entries(VARIABLES).map(([name, { schema }]) => [name, asText(schema.parse(undefined))]),
  );
  expect(shown).toEqual(real);
});

test('secrets are marked as such, and only they are', () => {
  const marked = rows.filter((row) => row.Variable?.includes('(secret)')).map((row) => codeIn(row.Variable));
  const secrets = Object.entries(VARIABLES).filter(([, { secret }]) => secret);
  expect(marked.sort()).toEqual(secrets.map(([name]) => name).sort());
});

test('every documented variable says what it means', () => {
  expect(rows.filter((row) => (row.Meaning ?? '').length < 10)).toEqual([]);
});

test('no page names a setting that does not exist', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...filesUnder('docs')].filter((f) => f.endsWith('.md'));
  const strangers = pages.flatMap((page) =>
    [...readText(page).matchAll(/(?<![\w$])(?:KAFKA|JUDGE|DATABASE|DETECT|STORE|COT_MONITOR)_[A-Z0-9_]*[A-Z0-9]\b/g)]
      .map(([name]) => name)
      .filter((name) => !known.includes(name) && !TEST_ONLY.has(name))
      // The page on configuration shows names that Kubernetes injects, as examples of what is ignored.
      .filter((name) => !/_SERVICE_HOST$|_PORT_\d+_TCP$/.test(name))
      .map((name) => `${page}: ${name}`),
  );
  expect(strangers).toEqual([]);
});

test('the settings in the compose file are accepted by the service', () => {
  const compose = parse(readText('deploy/compose.yaml')) as {
    services: Record<string, { environment?: Record<string, string> }>;
  };
  const environment = compose.services['cot-monitor']?.environment ?? {};
  expect(Object.keys(environment).filter((name) => !known.includes(name))).toEqual([]);
  const config = loadConfig({ ...imageEnvironment(), ...environment });
  expect(config.http.host).toBe('0.0.0.0');
  expect(config.store.url).toBeDefined();
  expect(config.kafka?.brokers).toHaveLength(1);
});

test('the settings in the image are known', () => {
  const names = Object.keys(imageEnvironment());
  expect(names).toContain('NODE_ENV');
  expect(names.filter((name) => !known.includes(name))).toEqual([]);
});

/** ENV lines of the last stage of the Dockerfile. */
const imageEnvironment = (): Record<string, string> => {
  const lastStage =
    readText('Dockerfile')
      .replaceAll('\\\n', ' ')
      .split(/^FROM /m)
      .at(-1) ?? '';
  const lines = lastStage.split('\n').filter((line) => line.startsWith('ENV '));
  return Object.fromEntries(
    lines.flatMap((line) => [...line.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name ?? '', value ?? ''])),
  );
};
