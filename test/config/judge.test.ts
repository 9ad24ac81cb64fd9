import { describe, expect, test } from 'vitest';
import { type Environment, loadConfig } from '../../src/config/config.ts';
import { CodedError } from '../../src/domain/errors.ts';

const THREE = { JUDGE_BASE_URL: 'https://judge.example/v1/', JUDGE_API_KEY: 'k', JUDGE_MODEL: 'm' };

const refused = (env: Environment): string[] => {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof CodedError) return error.errors.map(({ path, message }) => `${path} ${message}`);
  }
  throw new Error('was accepted');
};

describe('the judge', () => {
  test('is there with three variables, and absent without an address', () => {
    expect(loadConfig({}).judge).toBeUndefined();
    expect(loadConfig(THREE).judge).toMatchObject({
      first: { baseUrl: 'https://judge.example/v1', apiKey: 'k', model: 'm', headers: {}, price: undefined },
      second: undefined,
    });
  });

  test('needs no key', () => {
    const { JUDGE_API_KEY: _, ...two } = THREE;
    expect(loadConfig(two).judge?.first.apiKey).toBeUndefined();
  });

  test('takes headers, prices and a second endpoint', () => {
    const { judge } = loadConfig({
      ...THREE,
      JUDGE_HEADERS: '{"x-team":"a, b"}',
      JUDGE_PRICE_INPUT: '0.15',
      JUDGE_PRICE_OUTPUT: '0.6',
      JUDGE_SECOND_BASE_URL: 'http://10.0.0.1:8000/v1',
      JUDGE_SECOND_MODEL: 'n',
    });
    expect(judge?.first).toMatchObject({ headers: { 'x-team': 'a, b' }, price: { input: 0.15, output: 0.6 } });
    expect(judge?.second).toMatchObject({ baseUrl: 'http://10.0.0.1:8000/v1', model: 'n', price: undefined });
  });

  test.each<[string, Environment, string]>([
    ['an address without a model', { JUDGE_BASE_URL: 'http://a/v1' }, 'JUDGE_BASE_URL and JUDGE_MODEL go together'],
    ['a model without an address', { JUDGE_MODEL: 'm' }, 'JUDGE_BASE_URL and JUDGE_MODEL go together'],
    ['a key without an address', { JUDGE_API_KEY: 'k' }, 'JUDGE_API_KEY needs JUDGE_BASE_URL'],
    ['one price', { ...THREE, JUDGE_PRICE_INPUT: '1' }, 'JUDGE_PRICE_INPUT and JUDGE_PRICE_OUTPUT go together'],
    [
      'a price that is none',
      { ...THREE, JUDGE_PRICE_INPUT: '1e3', JUDGE_PRICE_OUTPUT: '1' },
      'JUDGE_PRICE_INPUT must be',
    ],
    ['another protocol', { ...THREE, JUDGE_BASE_URL: 'ftp://a/v1' }, 'JUDGE_BASE_URL must be'],
    ['credentials in the address', { ...THREE, JUDGE_BASE_URL: 'http://u:p@a/v1' }, 'JUDGE_BASE_URL must be'],
    ['a query in the address', { ...THREE, JUDGE_BASE_URL: 'http://a/v1?key=k' }, 'JUDGE_BASE_URL must be'],
    ['no address at all', { ...THREE, JUDGE_BASE_URL: 'judge' }, 'JUDGE_BASE_URL must be'],
    ['headers that are no JSON', { ...THREE, JUDGE_HEADERS: 'x: y' }, 'JUDGE_HEADERS must be a JSON object'],
    [
      'a header that would split the request',
      { ...THREE, JUDGE_HEADERS: '{"x":"a\\r\\nb: c"}' },
      'JUDGE_HEADERS must be a JSON object',
    ],
    ['a header that is no text', { ...THREE, JUDGE_HEADERS: '{"x":1}' }, 'JUDGE_HEADERS must be a JSON object'],
    [
      'a second without a first',
      { JUDGE_SECOND_BASE_URL: 'http://a/v1', JUDGE_SECOND_MODEL: 'n' },
      'JUDGE_SECOND_BASE_URL needs JUDGE_BASE_URL',
    ],
    ['a misspelled name', { ...THREE, JUDGE_MODLE: 'm' }, 'JUDGE_MODLE is not a setting; did you mean JUDGE_MODEL?'],
  ])('is refused with %s, and no value is shown', (_, env, message) => {
    const problems = refused(env);
    expect(
      problems.some((p) => p.startsWith(message)),
      problems.join('\n'),
    ).toBe(true);
    expect(problems.join()).not.toMatch(/u:p@|key=k/);
  });
});
