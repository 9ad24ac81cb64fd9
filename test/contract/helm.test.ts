import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { VARIABLES } from '../../src/config/variables.ts';
import { CHART, SHAPES, type Tree } from '../support/helm.ts';
import { readText } from './documents.ts';

// The chart as text. helm-render.test.ts has it as Helm sees it.

const schema = JSON.parse(readText(`${CHART}/values.schema.json`)) as {
  properties: { config: { properties: Record<string, unknown> } };
};
const values = parse(readText(`${CHART}/values.yaml`)) as Record<string, unknown>;
const deployment = ['_pod.tpl', '_deployment.tpl'].map((name) => readText(`${CHART}/templates/${name}`)).join('\n');
const known = Object.keys(VARIABLES);

/** Set by the image, or of no use to a server. */
const NOT_IN_CHART = ['NODE_ENV', 'COT_MONITOR_URL', 'COT_MONITOR_KEY', 'ADMIN_KEY_FILE', 'AUTH'];

const setByChart = [...deployment.matchAll(/- name: ([A-Z][A-Z0-9_]+)$/gm)].map(([, name]) => name ?? '');

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
const merge = (below: Tree, above: Tree): Tree => {
  const merged = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const old = merged[key];
    merged[key] = isTree(old) && isTree(value) ? merge(old, value) : value;
  }
  return merged;
};

describe('the chart as text', () => {
  test('ships the alert rules that are tested', () => {
    for (const file of ['alerts.yaml', 'recording.yaml']) {
      expect(readText(`${CHART}/files/rules/${file}`)).toBe(readText(`deploy/prometheus/rules/${file}`));
    }
  });

  const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);

  test('sets only variables that exist, through the template or through `config`, and misses none', () => {
    expect(setByChart).toContain('DATABASE_URL');
    const offered = [...setByChart, ...Object.keys(schema.properties.config.properties), ...NOT_IN_CHART];
    expect([...new Set(offered)].sort()).toEqual([...known].sort());
    expect(Object.keys(schema.properties.config.properties).filter((name) => setByChart.includes(name))).toEqual([]);
  });

  test('takes secrets from Secrets only', () => {
    const secrets = Object.entries(VARIABLES)
      .flatMap(([name, { secret }]) => (secret ? [name] : []))
      .filter((name) => !NOT_IN_CHART.includes(name));
    for (const name of secrets) {
      expect(schema.properties.config.properties).not.toHaveProperty(name);
      expect(deployment).toMatch(new RegExp(`- name: ${name}\\n\\s+valueFrom:\\n\\s+secretKeyRef:`));
    }
  });

  test('has defaults and SHAPES that its own schema accepts', () => {
    expect(SHAPES.length).toBeGreaterThan(1);
    expect(validate(values), JSON.stringify(validate.errors)).toBe(true);
    for (const shape of SHAPES) {
      expect(validate(merge(values, parse(readText(shape)) as Tree)), JSON.stringify(validate.errors)).toBe(true);
    }
  });

  test.each([
    ['an unknown value', { replica: 3 }],
    ['an unknown setting', { config: { KAFKA_TOPIC: 'x' } }],
    ['a secret among the settings', { config: { DATABASE_URL: 'postgres://x' } }],
    ['a setting that the chart makes itself', { config: { HOST: '::' } }],
    ['a moving tag', { image: { tag: 'latest' } }],
    ['a budget that blocks every drain', { api: { podDisruptionBudget: { maxUnavailable: 0 } } }],
    ['lag as a measure for those who read no topic', { api: { autoscaling: { kind: 'keda' } } }],
    ['metrics for the whole world', { publicPaths: ['/v1', '/metrics'] }],
    ['everything for the whole world', { publicPaths: ['/'] }],
    ['a name that no Secret can have', { database: { existingSecret: 'Not_A_Name' } }],
  ])('refuses %s', (_, wrong) => {
    expect(validate(merge(values, wrong))).toBe(false);
  });

  test('carries the version of the service', () => {
    const chart = parse(readText(`${CHART}/Chart.yaml`)) as { appVersion: string };
    const manifest = JSON.parse(readText('package.json')) as { version: string };
    expect(chart.appVersion).toBe(manifest.version);
  });
});
