import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';

const URL = 'https://collector.example/v1/logs';

describe('where verdicts go as events', () => {
  test('is nowhere, unless an address is given', () => {
    expect(loadConfig({}).evaluations).toBeUndefined();
    expect(loadConfig({ EVALUATIONS_OTLP_URL: URL }).evaluations).toEqual({ url: URL, headers: {} });
  });

  test('takes headers with it, values that hold an equals sign too', () => {
    const headers = 'authorization=Basic YTpi==, x-scope=one two';
    expect(loadConfig({ EVALUATIONS_OTLP_URL: URL, EVALUATIONS_OTLP_HEADERS: headers }).evaluations?.headers).toEqual({
      authorization: 'Basic YTpi==',
      'x-scope': 'one two',
    });
  });

  test.each([
    [{ EVALUATIONS_OTLP_URL: 'collector:4318' }, 'EVALUATIONS_OTLP_URL'],
    [{ EVALUATIONS_OTLP_HEADERS: 'a=b' }, 'EVALUATIONS_OTLP_HEADERS'],
    [{ EVALUATIONS_OTLP_URL: URL, EVALUATIONS_OTLP_HEADERS: 'hunter2' }, 'EVALUATIONS_OTLP_HEADERS'],
    [{ EVALUATIONS_OTLP_URL: URL, EVALUATIONS_OTLP_HEADERS: 'a=hunter2\r\nb: c' }, 'EVALUATIONS_OTLP_HEADERS'],
  ])('%j is refused by name, without its value', (env, name) => {
    const load = () => loadConfig(env);
    expect(load).toThrow(name);
    expect(load).not.toThrow('hunter2');
  });
});
