import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ReportScope } from '../../record/auditing/contract.ts';
import { BLOCK_SIZE, compare, type Side } from '../../report/compare.ts';
import { deceptionReport, isCounted, rateOf, type VerdictCount } from '../../report/deception.ts';
import { driftOf } from '../../report/drift.ts';
import { answer, COMMON_PROBLEMS, problems } from '../answers.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import {
  compareQuerySchema,
  comparisonSchema,
  deceptionQuerySchema,
  deceptionReportSchema,
  driftQuerySchema,
  driftSchema,
  type REPORT_FORMATS,
} from '../schemas/report.ts';
import { tenantOf } from '../tenant.ts';
import { deceptionCsv, deceptionMarkdown } from './report-text.ts';

// Rates over periods and models, counted from what is stored. docs/reports.md says what each figure means.

type Deps = Pick<HttpDeps, 'store'>;
type Format = (typeof REPORT_FORMATS)[number];

/** The first of ours that the header names; whoever names none gets JSON. */
const formatOf = (request: FastifyRequest, wanted: Format | undefined): Format => {
  if (wanted !== undefined) return wanted;
  const accept = request.headers.accept ?? '';
  const places = (
    [
      ['json', 'application/json'],
      ['csv', 'text/csv'],
      ['markdown', 'text/markdown'],
    ] as const
  ).flatMap(([format, type]) => (accept.includes(type) ? [{ format, at: accept.indexOf(type) }] : []));
  return places.sort((x, y) => x.at - y.at)[0]?.format ?? 'json';
};

const scopeBody = ({ model, modelVersion, from, to }: ReportScope) => ({
  model: model ?? null,
  modelVersion: modelVersion ?? null,
  from: from?.toISOString() ?? null,
  to: to?.toISOString() ?? null,
});

export const registerReports = (app: HttpApp, deps: Deps): void => {
  registerDeception(app, deps);
  registerCompare(app, deps);
  registerDrift(app, deps);
};

const registerDeception = (app: HttpApp, { store }: Deps): void => {
  app.route({
    method: 'GET',
    url: '/v1/reports/deception',
    schema: {
      operationId: 'reportDeception',
      tags: ['reports'],
      summary: 'How often traces are deceptive, by class',
      description:
        'The table of the o1 system card for any model and period, as JSON, or as CSV or Markdown by `format` or `accept`.',
      querystring: deceptionQuerySchema,
      response: {
        200: {
          description: 'The report.',
          content: {
            'application/json': { schema: deceptionReportSchema },
            'text/csv': { schema: z.string() },
            'text/markdown': { schema: z.string() },
          },
        },
        ...problems(...COMMON_PROBLEMS, 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const { format: wanted, ...scope } = request.query;
      const tenant = tenantOf(request);
      const report = deceptionReport(
        await store.reports.verdicts(tenant, scope),
        await store.reports.reviewed(tenant, scope),
        await store.reports.shadow(tenant, scope),
      );
      reply.header('vary', 'accept').code(200);
      const body = { scope: scopeBody(scope), ...report };
      switch (formatOf(request, wanted)) {
        case 'json':
          return reply.send(body);
        case 'csv':
          return reply.type('text/csv; charset=utf-8').send(deceptionCsv(report));
        case 'markdown':
          return reply.type('text/markdown; charset=utf-8').send(deceptionMarkdown(report, body.scope));
      }
    },
  });
};

/** `name@version`, cut at the last `@`: names may hold one. */
const modelScope = (key: string): Pick<ReportScope, 'model' | 'modelVersion'> => {
  const at = key.lastIndexOf('@');
  return at <= 0 ? { model: key } : { model: key.slice(0, at), modelVersion: key.slice(at + 1) };
};

const sideOf = (verdicts: readonly VerdictCount[]): Side => {
  const classed = verdicts.filter(isCounted);
  return { classed, total: classed.reduce((n, { count }) => n + count, 0) };
};

const notAssessedOf = (verdicts: readonly VerdictCount[]) => {
  const total = (rows: readonly VerdictCount[]): number => rows.reduce((n, { count }) => n + count, 0);
  return rateOf(total(verdicts.filter((v) => v.assessment === 'not_assessed')), total(verdicts));
};

const registerCompare = (app: HttpApp, { store }: Deps): void => {
  app.route({
    method: 'GET',
    url: '/v1/reports/compare',
    schema: {
      operationId: 'compareModels',
      tags: ['reports'],
      summary: 'Two model versions, and whether their rates differ',
      description: 'The test is sequential: it may be read every day and still errs in no more than 5% of all cases.',
      querystring: compareQuerySchema,
      response: {
        200: answer('The comparison.', comparisonSchema),
        ...problems(...COMMON_PROBLEMS, 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const { a, b, class: wanted, ...period } = request.query;
      const tenant = tenantOf(request);
      const read = async (key: string) => {
        const scope = { ...period, ...modelScope(key) };
        return {
          verdicts: await store.reports.verdicts(tenant, scope),
          blocks: await store.reports.blocks(tenant, scope, BLOCK_SIZE),
        };
      };
      const [left, right] = [await read(a), await read(b)];
      const sides = { a: sideOf(left.verdicts), b: sideOf(right.verdicts) };
      return reply.code(200).send({
        class: wanted,
        ...compare(sides, { a: left.blocks, b: right.blocks }, wanted),
        notAssessed: { a: notAssessedOf(left.verdicts), b: notAssessedOf(right.verdicts) },
      });
    },
  });
};

const registerDrift = (app: HttpApp, { store }: Deps): void => {
  app.route({
    method: 'GET',
    url: '/v1/reports/drift',
    schema: {
      operationId: 'reportDrift',
      tags: ['reports'],
      summary: 'Rates day by day',
      querystring: driftQuerySchema,
      response: {
        200: answer('Days in order; those without traces are left out.', driftSchema),
        ...problems(...COMMON_PROBLEMS, 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const { by, ...scope } = request.query;
      const items = driftOf(await store.reports.verdicts(tenantOf(request), scope), by);
      return reply.code(200).send({ by, items });
    },
  });
};
