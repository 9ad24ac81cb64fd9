import { join } from 'node:path';
import * as gateway from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1';
import * as keda from '@kubernetes-models/keda/keda.sh/v1alpha1';
import * as operator from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import * as apps from 'kubernetes-models/apps/v1';
import * as autoscaling from 'kubernetes-models/autoscaling/v2';
import * as batch from 'kubernetes-models/batch/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { helm, helmMissing, SHAPES, template } from '../support/helm.ts';
import { ROOT } from './documents.ts';

// Every object that the chart renders, held against the schemas of Kubernetes, KEDA, the Prometheus operator and the Gateway
// API. They say which fields must be there and of which type; fields that they don't know they let pass.

type Model = new (data: never) => { validate(): void };

const MODELS: Readonly<Record<string, object>> = {
  v1: core,
  'apps/v1': apps,
  'autoscaling/v2': autoscaling,
  'batch/v1': batch,
  'networking.k8s.io/v1': networking,
  'policy/v1': policy,
  'gateway.networking.k8s.io/v1': gateway,
  'keda.sh/v1alpha1': keda,
  'monitoring.coreos.com/v1': operator,
};

interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

const complaint = (object: KubernetesObject): string | null => {
  const found = (MODELS[object.apiVersion] as Readonly<Record<string, Model>> | undefined)?.[object.kind];
  if (found === undefined) return `no schema of ${object.apiVersion} ${object.kind}`;
  try {
    new found(object as never).validate();
    return null;
  } catch (error) {
    return `${object.kind} ${object.metadata.name}: ${(error as Error).message}`;
  }
};

test('the schemas refuse what Kubernetes would', () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { ports: [{ port: 80 }] } };
  expect(complaint(service)).toBeNull();
  expect(complaint({ ...service, spec: { ports: [{ port: '80' }] } } as KubernetesObject)).toContain('integer');
  expect(complaint({ ...service, kind: 'Sevice' })).toContain('no schema');
});

describe.skipIf(helm === undefined)(`every object of the chart${helmMissing}`, () => {
  test.each(SHAPES)('under %s fits its schema', (shape) => {
    const { stdout, stderr, status } = template('-f', join(ROOT, shape));
    expect(status, stderr).toBe(0);
    const objects = parseAllDocuments(stdout).flatMap((document) => (document.toJS() as KubernetesObject | null) ?? []);
    expect(objects.length).toBeGreaterThan(2);
    expect(objects.map(complaint).filter((found) => found !== null)).toEqual([]);
  });
});
