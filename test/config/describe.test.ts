import { expect, test } from 'vitest';
import { describeConfig } from '../../src/config/describe.ts';
import { VARIABLES } from '../../src/config/variables.ts';

const named = (env: Record<string, string>) =>
  new Map(describeConfig(env).map((variable) => [variable.name, variable]));

test('every variable is shown once, in the order in which it is documented', () => {
  expect(describeConfig({}).map(({ name }) => name)).toEqual(Object.keys(VARIABLES));
});

test('a secret is masked wherever it is set, and nothing of it is left, not even its length', () => {
  const secrets = Object.entries(VARIABLES).flatMap(([name, { secret }]) => (secret ? [name] : []));
  expect(secrets).toEqual(expect.arrayContaining(['DATABASE_URL', 'KAFKA_SASL_PASSWORD']));
  const short = describeConfig(Object.fromEntries(secrets.map((name) => [name, 'h2'])));
  const long = describeConfig(Object.fromEntries(secrets.map((name) => [name, 'hunter2-'.repeat(20)])));
  expect(JSON.stringify(long)).not.toContain('hunter2');
  expect(long).toEqual(short);
});

test('an unset secret is shown as unset, not as masked', () => {
  expect(named({}).get('DATABASE_URL')).toMatchObject({ value: null, source: 'default' });
});

test('values are shown as they are in force, with where they came from', () => {
  const shown = named({ PORT: '9000', KAFKA_BROKERS: ' a:1 , b:2 ', LOG_LEVEL: '' });
  expect(shown.get('PORT')).toMatchObject({ value: '9000', source: 'environment' });
  expect(shown.get('KAFKA_BROKERS')).toMatchObject({ value: 'a:1,b:2', source: 'environment' });
  expect(shown.get('LOG_LEVEL')).toMatchObject({ value: 'info', source: 'default' });
  expect(shown.get('KAFKA_VERDICTS_TOPIC')).toMatchObject({ value: null, source: 'default' });
});
