import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { loadConfig } from '../../src/config/config.ts';
import { CHART, helm, helmMissing, SHAPES, type Tree, template } from '../support/helm.ts';
import { ROOT } from './documents.ts';

// The chart as Helm renders it, where a helm binary is found.

describe.skipIf(helm === undefined)(`the chart as Helm renders it${helmMissing}`, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'cot-monitor-chart-'));
  afterAll(() => rmSync(scratch, { recursive: true }));

  const render = (...args: string[]): Tree[] => {
    const { status, stdout, stderr } = template(...args);
    expect(status, stderr).toBe(0);
    return parseAllDocuments(stdout)
      .map((document) => document.toJS() as Tree | null)
      .filter((document) => document !== null);
  };

  const valuesFile = (content: unknown): string => {
    const path = join(scratch, 'values.json');
    writeFileSync(path, JSON.stringify(content));
    return path;
  };

  const kinds = (documents: Tree[]): unknown[] => documents.map((document) => document.kind).sort();

  interface Container {
    readonly env: readonly { readonly name: string; readonly value?: string }[];
    readonly image: string;
    readonly command?: readonly string[];
    readonly securityContext: unknown;
    readonly livenessProbe: { readonly httpGet: { readonly path: string } };
    readonly readinessProbe: { readonly httpGet: { readonly path: string } };
  }
  interface PodSpec {
    readonly containers: readonly [Container];
    readonly enableServiceLinks: boolean;
    readonly automountServiceAccountToken: boolean;
    readonly securityContext: unknown;
    readonly topologySpreadConstraints: readonly { readonly topologyKey: string }[];
  }
  /** Of each Deployment, and of the Job that migrates. */
  const podsOf = (documents: Tree[], kind = 'Deployment'): PodSpec[] =>
    documents
      .filter((document) => document.kind === kind)
      .map((document) => (document as { spec: { template: { spec: PodSpec } } }).spec.template.spec);

  const environmentOf = ({ containers: [{ env }] }: PodSpec): Record<string, string | undefined> =>
    Object.fromEntries(env.map(({ name, value }) => [name, value]));

  const shape = (name: string): Tree[] => render('-f', join(ROOT, `${CHART}/ci/${name}-values.yaml`));

  test.each(SHAPES)('%s passes `helm lint --strict`', (file) => {
    execFileSync(helm ?? '', ['lint', '--strict', join(ROOT, CHART), '-f', join(ROOT, file)], { stdio: 'pipe' });
  });

  test.each(SHAPES)('%s gives every pod an environment that the service accepts', (file) => {
    const documents = render('-f', join(ROOT, file));
    const standIn = (name: string): string =>
      name === 'DATABASE_URL' ? 'postgres://somewhere/db' : 'from-a-secret-of-some-32-characters';
    for (const pod of [...podsOf(documents), ...podsOf(documents, 'Job')]) {
      // Certificate files are in the pod, not here.
      const pairs = Object.entries(environmentOf(pod))
        .filter(([name]) => !name.endsWith('_FILE'))
        .map(([name, value]) => [name, value ?? standIn(name)]);
      const image = { NODE_ENV: 'production', HOST: '0.0.0.0', PORT: '8080' };
      const config = loadConfig({ ...image, ...(Object.fromEntries(pairs) as Record<string, string>) });
      expect(config.http).toMatchObject({ host: '0.0.0.0', port: 8080 });
    }
  });

  test('large numbers reach the service as digits', () => {
    for (const pod of podsOf(shape('kafka'))) {
      expect(environmentOf(pod)).toMatchObject({
        MAX_BODY_BYTES: '33554432',
        KEEP_TRACE_SHARE: '0.01',
        KAFKA_CREATE_TOPICS: 'false',
      });
    }
  });

  test('API and workers are one image in two roles; without workers one pod does everything', () => {
    const roles = (documents: Tree[]) => podsOf(documents).map((pod) => environmentOf(pod).ROLE);
    expect(roles(shape('postgres'))).toEqual(['api', 'worker']);
    expect(roles(shape('single'))).toEqual(['all']);
    expect(roles(shape('embedded'))).toEqual(['all']);
    const images = podsOf(shape('kafka')).map(({ containers: [{ image }] }) => image);
    expect(new Set(images).size).toBe(1);
  });

  test('no selector of one role meets the pods of the other', () => {
    const documents = shape('full');
    const componentOf = (labels: Tree | undefined): unknown => labels?.['app.kubernetes.io/component'];
    const selectors = documents.flatMap(({ kind, metadata, spec }) => {
      const { name } = metadata as { name: string };
      const { selector, scaleTargetRef } = (spec ?? {}) as { selector?: Tree; scaleTargetRef?: { name: string } };
      const labels = (selector?.matchLabels ?? selector) as Tree | undefined;
      if (scaleTargetRef !== undefined) return [[kind, name, scaleTargetRef.name.split('-').at(-1)]];
      return ['Deployment', 'PodDisruptionBudget', 'Service'].includes(String(kind))
        ? [[kind, name, componentOf(labels)]]
        : [];
    });
    expect(selectors).toEqual(
      expect.arrayContaining([
        ['Service', 'try-cot-monitor', 'api'],
        ['Service', 'try-cot-monitor-workers', 'workers'],
        ['Deployment', 'try-cot-monitor-api', 'api'],
        ['Deployment', 'try-cot-monitor-workers', 'workers'],
        ['PodDisruptionBudget', 'try-cot-monitor-api', 'api'],
        ['PodDisruptionBudget', 'try-cot-monitor-workers', 'workers'],
        ['HorizontalPodAutoscaler', 'try-cot-monitor-api', 'api'],
        ['ScaledObject', 'try-cot-monitor-workers', 'workers'],
      ]),
    );
  });

  test('pods run with the least that Kubernetes asks for, also the one that migrates', () => {
    const documents = shape('postgres');
    const pods = [...podsOf(documents), ...podsOf(documents, 'Job')];
    expect(pods).toHaveLength(3);
    for (const pod of pods) {
      const container = pod.containers[0];
      expect(pod.enableServiceLinks).toBe(false);
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
    for (const { containers } of podsOf(documents)) {
      expect(containers[0].livenessProbe.httpGet.path).toBe('/livez');
      expect(containers[0].readinessProbe.httpGet.path).toBe('/readyz');
    }
  });

  test('pods keep apart by zone and by node unless told otherwise', () => {
    const keys = (documents: Tree[]) =>
      podsOf(documents).map((pod) => pod.topologySpreadConstraints.map(({ topologyKey }) => topologyKey));
    const both = ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'];
    expect(keys(shape('postgres'))).toEqual([both, both]);
    expect(keys(shape('kafka'))).toEqual([both, ['topology.kubernetes.io/zone']]);
  });

  test('the migration runs before anything is rolled out, and pods wait for nobody else to do it', () => {
    const documents = shape('postgres');
    const job = documents.find(({ kind }) => kind === 'Job') as { metadata: { annotations: Tree } };
    expect(job.metadata.annotations['helm.sh/hook']).toBe('pre-install,pre-upgrade');
    const [pod] = podsOf(documents, 'Job');
    expect(pod?.containers[0].command).toEqual(['node', 'dist/main.js', 'migrate']);
    // On a first install there is no account of ours yet.
    expect(pod).not.toHaveProperty('serviceAccountName');
    expect(podsOf(documents).map((each) => environmentOf(each).DATABASE_MIGRATE)).toEqual(['false', 'false']);
    expect(podsOf(shape('hpa')).map((each) => environmentOf(each).DATABASE_MIGRATE)).toEqual([undefined, undefined]);
  });

  test('metrics and probes are not published', () => {
    const paths = (kind: string, documents: Tree[]): string =>
      JSON.stringify(documents.find((document) => document.kind === kind)?.spec);
    for (const text of [paths('Ingress', shape('full')), paths('HTTPRoute', shape('hpa'))]) {
      expect(text).toContain('/v1');
      expect(text).not.toMatch(/metrics|livez|readyz|"\/"/);
    }
  });

  test('each shape has the objects that it needs, and no others', () => {
    const all = ['Deployment', 'Service', 'ServiceAccount'];
    const apart = ['Deployment', 'Service', 'Job'];
    const budget = 'PodDisruptionBudget';
    expect(kinds(shape('single'))).toEqual([...all, 'Job', budget].sort());
    expect(kinds(shape('postgres'))).toEqual([...all, ...apart, budget, budget].sort());
    expect(kinds(shape('embedded'))).toEqual([...all, 'PersistentVolumeClaim'].sort());
    expect(kinds(shape('hpa'))).toEqual(
      [...all, 'Deployment', 'Service', 'HTTPRoute', 'HorizontalPodAutoscaler', budget].sort(),
    );
    expect(kinds(shape('full'))).toEqual(
      [
        ...all,
        ...apart,
        budget,
        budget,
        'HorizontalPodAutoscaler',
        'Ingress',
        'NetworkPolicy',
        'PrometheusRule',
        'ScaledObject',
        'ServiceMonitor',
      ].sort(),
    );
  });

  test('something that scales decides over the number of replicas alone', () => {
    const specs = shape('full').flatMap(({ kind, spec }) => (kind === 'Deployment' ? [spec] : []));
    expect(specs).toHaveLength(2);
    for (const spec of specs) expect(spec).not.toHaveProperty('replicas');
  });

  const database = { existingSecret: 'db' };
  test.each([
    ['no store', {}, 'no store'],
    ['two stores', { database, embeddedStore: { enabled: true } }, 'two stores'],
    [
      'two owners of one store',
      { workers: { enabled: false }, embeddedStore: { enabled: true } },
      'set api.replicas to 1',
    ],
    ['workers beside the owner', { api: { replicas: 1 }, embeddedStore: { enabled: true } }, 'workers.enabled'],
    [
      'SASL without brokers',
      { database, kafka: { sasl: { mechanism: 'plain', existingSecret: 's' } } },
      'kafka.brokers',
    ],
    ['scaling on lag without brokers', { database, workers: { autoscaling: { kind: 'keda' } } }, 'needs kafka.brokers'],
    [
      'an owner that multiplies',
      {
        api: { replicas: 1, autoscaling: { kind: 'hpa' } },
        workers: { enabled: false },
        embeddedStore: { enabled: true },
      },
      'one owner',
    ],
    [
      'scaling what is not there',
      { database, workers: { enabled: false, autoscaling: { kind: 'hpa' } } },
      'needs workers.enabled',
    ],
    [
      'credentials for no scaler',
      { database, workers: { autoscaling: { authenticationRef: 'a' } } },
      'workers.autoscaling.kind keda',
    ],
    [
      'a floor above the ceiling',
      { database, api: { autoscaling: { minReplicas: 9 } } },
      'api.autoscaling.minReplicas',
    ],
    [
      'two ways in',
      { database, ingress: { enabled: true, host: 'h' }, gateway: { enabled: true, parentRefs: [{ name: 'g' }] } },
      'two ways in',
    ],
    ['a route on no gateway', { database, gateway: { enabled: true } }, 'gateway.parentRefs'],
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
