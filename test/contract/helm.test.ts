import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig } from '../../src/config/config.ts';
import { VARIABLES } from '../../src/config/variables.ts';
import { filesUnder, ROOT, readText } from './documents.ts';

// The chart, first as text (always), then as Helm itself sees it (where a helm binary is found).

const CHART = 'helm/cot-monitor';
const shapes = filesUnder(`${CHART}/ci`);
const schema = JSON.parse(readText(`${CHART}/values.schema.json`)) as {
  properties: { config: { properties: Record<string, unknown> } };
};
const values = parse(readText(`${CHART}/values.yaml`)) as Record<string, unknown>;
const deployment = readText(`${CHART}/templates/deployment.yaml`);
const known = Object.keys(VARIABLES);

/** Set by the image, or of no use to a server. */
const NOT_IN_CHART = ['NODE_ENV', 'COT_MONITOR_URL', 'COT_MONITOR_KEY', 'ADMIN_KEY_FILE', 'AUTH'];

const setByChart = [...deployment.matchAll(/- name: ([A-Z][A-Z0-9_]+)$/gm)].map(([, name]) => name ?? '');

type Tree = Record<string, unknown>;
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

  test('has defaults and shapes that its own schema accepts', () => {
    expect(shapes.length).toBeGreaterThan(1);
    expect(validate(values), JSON.stringify(validate.errors)).toBe(true);
    for (const shape of shapes) {
      expect(validate(merge(values, parse(readText(shape)) as Tree)), JSON.stringify(validate.errors)).toBe(true);
    }
  });

  test.each([
    ['an unknown value', { replica: 3 }],
    ['an unknown setting', { config: { KAFKA_TOPIC: 'x' } }],
    ['a secret among the settings', { config: { DATABASE_URL: 'postgres://x' } }],
    ['a setting that the chart makes itself', { config: { HOST: '::' } }],
    ['a moving tag', { image: { tag: 'latest' } }],
    ['a budget that blocks every drain', { podDisruptionBudget: { maxUnavailable: 0 } }],
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

const helm = [
  ...(process.env.PATH ?? '').split(delimiter),
  process.env.TEST_CACHE_DIR ?? join(homedir(), '.cache/cot-monitor'),
]
  .map((folder) => join(folder, 'helm'))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

const why = helm === undefined ? ' (skipped: no helm on PATH or in $TEST_CACHE_DIR)' : '';

describe.skipIf(helm === undefined)(`the chart as Helm renders it${why}`, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'cot-monitor-chart-'));
  afterAll(() => rmSync(scratch, { recursive: true }));

  const template = (...args: string[]) =>
    spawnSync(helm ?? '', ['template', 'try', join(ROOT, CHART), '--kube-version', '1.31.0', ...args], {
      encoding: 'utf8',
    });

  const render = (...args: string[]): Tree[] => {
    const { status, stdout, stderr } = template(...args);
    expect(status, stderr).toBe(0);
    return parseAllDocuments(stdout).map((document) => document.toJS() as Tree);
  };

  const valuesFile = (content: unknown): string => {
    const path = join(scratch, 'values.json');
    writeFileSync(path, JSON.stringify(content));
    return path;
  };

  const kinds = (documents: Tree[]): unknown[] => documents.map((document) => document.kind).sort();

  interface Container {
    readonly env: readonly { readonly name: string; readonly value?: string }[];
    readonly securityContext: unknown;
    readonly livenessProbe: { readonly httpGet: { readonly path: string } };
    readonly readinessProbe: { readonly httpGet: { readonly path: string } };
  }
  interface PodSpec {
    readonly containers: readonly [Container];
    readonly enableServiceLinks: boolean;
    readonly automountServiceAccountToken: boolean;
    readonly securityContext: unknown;
  }
  const podOf = (documents: Tree[]): PodSpec => {
    const found = documents.find(({ kind }) => kind === 'Deployment') as { spec: { template: { spec: PodSpec } } };
    return found.spec.template.spec;
  };

  test.each(shapes)('%s passes `helm lint --strict`', (shape) => {
    execFileSync(helm ?? '', ['lint', '--strict', join(ROOT, CHART), '-f', join(ROOT, shape)], { stdio: 'pipe' });
  });

  test.each(shapes)('%s gives the service an environment that it accepts', (shape) => {
    const { env } = podOf(render('-f', join(ROOT, shape))).containers[0];
    const standIn = (name: string): string =>
      name === 'DATABASE_URL' ? 'postgres://somewhere/db' : 'from-a-secret-of-some-32-characters';
    // Certificate files are in the pod, not here.
    const pairs = env
      .filter(({ name }) => !name.endsWith('_FILE'))
      .map(({ name, value }) => [name, value ?? standIn(name)]);
    const config = loadConfig({ ...(Object.fromEntries(pairs) as Record<string, string>), NODE_ENV: 'production' });
    expect(config.http).toMatchObject({ host: '0.0.0.0', port: 8080 });
  });

  test('large numbers reach the service as digits', () => {
    const { env } = podOf(render('-f', join(ROOT, `${CHART}/ci/kafka-values.yaml`))).containers[0];
    const named = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    expect(named).toMatchObject({ MAX_BODY_BYTES: '33554432', KEEP_TRACE_SHARE: '0.01', KAFKA_CREATE_TOPICS: 'false' });
  });

  test('pods run with the least that Kubernetes asks for', () => {
    const pod = podOf(render('-f', join(ROOT, `${CHART}/ci/postgres-values.yaml`)));
    const container = pod.containers[0];
    expect(pod.enableServiceLinks).toBe(false);
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.livenessProbe.httpGet.path).toBe('/livez');
    expect(container.readinessProbe.httpGet.path).toBe('/readyz');
  });

  test('each shape has the objects that it needs, and no others', () => {
    const all = ['Deployment', 'Service', 'ServiceAccount'];
    expect(kinds(render('-f', join(ROOT, `${CHART}/ci/postgres-values.yaml`)))).toEqual(
      [...all, 'PodDisruptionBudget'].sort(),
    );
    expect(kinds(render('-f', join(ROOT, `${CHART}/ci/embedded-values.yaml`)))).toEqual(
      [...all, 'PersistentVolumeClaim'].sort(),
    );
    expect(kinds(render('-f', join(ROOT, `${CHART}/ci/hpa-values.yaml`)))).toEqual(
      [...all, 'HorizontalPodAutoscaler', 'PodDisruptionBudget'].sort(),
    );
    expect(kinds(render('-f', join(ROOT, `${CHART}/ci/full-values.yaml`)))).toEqual(
      [
        ...all,
        'Ingress',
        'NetworkPolicy',
        'PodDisruptionBudget',
        'PrometheusRule',
        'ScaledObject',
        'ServiceMonitor',
      ].sort(),
    );
  });

  test('something that scales decides over the number of replicas alone', () => {
    const { spec } = render('-f', join(ROOT, `${CHART}/ci/hpa-values.yaml`)).find(
      ({ kind }) => kind === 'Deployment',
    ) as { spec: Tree };
    expect(spec).not.toHaveProperty('replicas');
  });

  const database = { existingSecret: 'db' };
  test.each([
    ['no store', {}, 'no store'],
    ['two stores', { database, embeddedStore: { enabled: true } }, 'two stores'],
    ['two owners of one store', { replicas: 2, embeddedStore: { enabled: true } }, 'set replicas to 1'],
    [
      'SASL without brokers',
      { database, kafka: { sasl: { mechanism: 'plain', existingSecret: 's' } } },
      'kafka.brokers',
    ],
    ['scaling on lag without brokers', { database, autoscaling: { kind: 'keda' } }, 'needs kafka.brokers'],
    [
      'an owner that multiplies',
      { replicas: 1, embeddedStore: { enabled: true }, autoscaling: { kind: 'hpa' } },
      'one owner',
    ],
    ['an ingress without a host', { database, ingress: { enabled: true } }, 'ingress.host'],
    ['TLS without brokers', { database, kafka: { tls: { enabled: true } } }, 'kafka.brokers'],
    [
      'SASL without credentials',
      { database, kafka: { brokers: 'k:9092', sasl: { mechanism: 'plain' } } },
      'sasl.existingSecret',
    ],
    [
      'credentials without SASL',
      { database, kafka: { brokers: 'k:9092', sasl: { existingSecret: 's' } } },
      'sasl.mechanism',
    ],
    [
      'certificates without TLS',
      { database, kafka: { brokers: 'k:9092', tls: { existingSecret: 's' } } },
      'tls.enabled',
    ],
    [
      'a client certificate out of nowhere',
      { database, kafka: { brokers: 'k:9092', tls: { enabled: true, clientCertificate: true } } },
      'tls.existingSecret',
    ],
    [
      'a kill before the drain ends',
      { database, config: { DRAIN_TIMEOUT_MS: 60_000 } },
      'terminationGracePeriodSeconds',
    ],
    ['a misspelled setting', { database, config: { LOG_LEVELS: 'warn' } }, 'LOG_LEVELS'],
  ])('%s: rendering stops and says what to do', (_, wrong, fix) => {
    const { status, stderr } = template('-f', valuesFile(wrong));
    expect(status).not.toBe(0);
    expect(stderr).toContain(fix);
  });
});
