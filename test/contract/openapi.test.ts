import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { beforeAll, describe, expect, test } from 'vitest';
import { eventSchemas } from '../../src/http/event-schemas.ts';
import { openapiDocument } from '../../src/http/openapi-document.ts';
import { exchangeSchema, shortTraceSchema, traceSchema } from '../../src/http/schemas/trace.ts';
import { normalise } from '../../src/normalise/normalise.ts';
import { sampleFlag, sampleHold, sampleKey, sampleSuppression, startFixture } from '../http/fixture.ts';
import { codeIn, ROOT, readText, tableRows } from './documents.ts';

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly responses: Record<string, { readonly description: string; readonly content?: Record<string, unknown> }>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, { readonly examples?: readonly unknown[] }> };
}

const checkedIn = JSON.parse(readText('openapi/openapi.json')) as Document;
let fresh: Document;
beforeAll(async () => {
  fresh = JSON.parse(JSON.stringify(await openapiDocument())) as Document;
});

const operations = Object.entries(checkedIn.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

describe('openapi/openapi.json', () => {
  test('is what the routes say today (else: npm run openapi)', () => {
    expect(checkedIn).toEqual(fresh);
  });

  test('is what the types of cot-monitor/client were made from (else: npm run openapi)', () => {
    const hash = createHash('sha256').update(readText('openapi/openapi.json')).digest('hex');
    expect(readText('src/client/schema.ts').split('\n', 1)[0]).toContain(hash);
  });

  test('lies beside event schemas that are current too', () => {
    for (const [name, schema] of Object.entries(eventSchemas())) {
      expect(JSON.parse(readText(`openapi/events/${name}`))).toEqual(JSON.parse(JSON.stringify(schema)));
    }
  });

  test('is OpenAPI 3.1 that passes the linter, without a network', async () => {
    const redocly = join(ROOT, 'node_modules/@redocly/cli/bin/cli.js');
    const dead = 'http://127.0.0.1:9';
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [redocly, 'lint', 'openapi/openapi.json', '--config', 'openapi/redocly.yaml', '--format', 'json'],
      {
        cwd: ROOT,
        env: {
          PATH: process.env.PATH,
          REDOCLY_TELEMETRY: 'off',
          REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
          HTTP_PROXY: dead,
          HTTPS_PROXY: dead,
        },
      },
    ).catch((error: { stdout: string; stderr: string }) => error);
    const report = JSON.parse(stdout) as { totals: unknown; problems: unknown };
    expect(report.problems, stderr).toEqual([]);
    expect(report.totals).toMatchObject({ errors: 0, warnings: 0 });
  }, 120_000);

  test('names, tags and sums up every operation', () => {
    expect(operations.map(({ operation }) => operation.operationId)).toEqual([
      ...new Set(operations.map(({ operation }) => operation.operationId)),
    ]);
    for (const { operation } of operations) {
      expect(operation.operationId).toMatch(/^[a-z][A-Za-z]+$/);
      expect(operation.tags).toHaveLength(1);
      expect(operation.summary).not.toBe('');
    }
  });

  test('describes every answer, with the codes of every problem, and says when to come back', () => {
    for (const { path, operation } of operations) {
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(response.description, `${path} ${status}`).not.toBe('Default Response');
        if (!Object.keys(response.content ?? {}).includes('application/problem+json')) continue;
        expect(response.description).toMatch(/^`[a-z_]+`: /);
        if (status === '503' || status === '429') expect(response).toHaveProperty('headers.retry-after');
      }
      if (path.startsWith('/v1/'))
        expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['429', '503']));
    }
  });

  test('covers every route that the server answers under /v1, and no other', async () => {
    const { app } = await startFixture();
    const paths: Readonly<Record<string, string>> = {
      '/v1/verdicts/{traceId}': '/v1/verdicts/t-1',
      '/v1/flags/{id}': `/v1/flags/${sampleFlag.id}`,
      '/v1/conversations/{id}': '/v1/conversations/c-42',
      '/v1/keys/{id}': `/v1/keys/${sampleKey.id}`,
      '/v1/flags/{id}/reviews': `/v1/flags/${sampleFlag.id}/reviews`,
      '/v1/flags/{id}/assignment': `/v1/flags/${sampleFlag.id}/assignment`,
      '/v1/holds/{id}/release': `/v1/holds/${sampleHold.id}/release`,
      '/v1/suppressions/{id}': `/v1/suppressions/${sampleSuppression.id}`,
    };
    for (const { path, method } of operations) {
      const answer = await app.inject({ method: method as 'GET' | 'POST', url: paths[path] ?? path });
      expect([404, 405], `${method} ${path}`).not.toContain(answer.statusCode);
    }
    const routed: string[] = [];
    const parents: string[] = [];
    for (const line of app.printRoutes({ commonPrefix: false }).split('\n')) {
      const [, indent, segment] = /^([│ ]*)[└├]── (\S+) \(/.exec(line) ?? [];
      if (indent === undefined || segment === undefined) continue;
      parents.splice(indent.length / 4, Infinity, segment);
      routed.push(parents.join(''));
    }
    const documented = Object.keys(checkedIn.paths).map((path) => path.replaceAll(/\{(\w+)\}/g, ':$1'));
    expect(routed.filter((route) => !/^\/(docs|console)/.test(route)).sort()).toEqual(documented.sort());
  });

  test('holds valid examples', () => {
    const ajv = new Ajv2020({ strict: false });
    formats.default(ajv);
    ajv.addSchema({ $id: 'doc', ...checkedIn });
    let seen = 0;
    for (const [name, { examples = [] }] of Object.entries(checkedIn.components.schemas)) {
      const validate = ajv.getSchema(`doc#/components/schemas/${name}`)!;
      for (const example of examples) {
        seen++;
        expect(validate(example), `${name}: ${JSON.stringify(validate.errors)}`).toBe(true);
      }
    }
    expect(seen).toBeGreaterThan(3);
  });

  test('documents bodies that the monitor reads', () => {
    const examples = [traceSchema, shortTraceSchema, exchangeSchema].flatMap(
      (schema) => (schema.meta()?.examples ?? []) as unknown[],
    );
    for (const payload of examples) {
      const trace = normalise({ payload, tenant: 'default' }, new Date(0));
      expect(trace.segments.map(({ kind }) => kind)).toContain('reasoning');
    }
    expect(examples).toHaveLength(3);
  });
});

describe('docs/api.md', () => {
  const rows = tableRows(readText('docs/api.md'), 'Route').map((row) => codeIn(row.Route));

  test('lists every route once, and none that is missing', () => {
    const routes = operations.map(({ method, path }) => `${method} ${path}`);
    expect([...rows].sort()).toEqual([...routes, 'GET /docs', 'GET /console'].sort());
  });
});
