import { Readable } from 'node:stream';
import { z } from 'zod';
import { CodedError } from '../../domain/errors.ts';
import type { Flag, FlagFilter, FlagQuery } from '../../record/contract.ts';
import { answer, COMMON_PROBLEMS, problems } from '../answers.ts';
import type { HttpApp, HttpDeps } from '../deps.ts';
import { flagExportSchema } from '../schemas/flag.ts';
import { actorOf, tenantOf } from '../tenant.ts';
import { askedFor } from './asked.ts';
import { csvHead, csvLine, flagLine, labelledLine, MARK, MARK_HEADER } from './export-lines.ts';

// Flags and labels, taken away as streams: a page is read when the client has taken the one before. Each record says where
// to go on, and that it is no training data: a model trained on what gave it away learns to hide it.

const PAGE = 200;

type Deps = Pick<HttpDeps, 'store'>;

/** Fails before the first byte where the query is at fault, so that the answer is a problem and not a broken stream. */
const started = async (lines: AsyncGenerator<string>): Promise<Readable> => {
  const first = await lines.next();
  return Readable.from(
    (async function* () {
      if (first.done) return;
      yield first.value;
      yield* lines;
    })(),
    { objectMode: false, highWaterMark: 64 * 1024 },
  );
};

async function* flagLines(
  read: (query: FlagQuery) => ReturnType<Deps['store']['flags']>,
  filter: FlagFilter & { readonly cursor?: string | undefined },
  lineOf: (flag: Flag, cursor: string) => string,
): AsyncGenerator<string> {
  let cursor = filter.cursor;
  for (;;) {
    const page = await read({ ...filter, limit: PAGE, cursor });
    // One piece a page. A record carries the cursor of its page, the last one that of the next.
    let lines = '';
    const from = cursor ?? '';
    for (const [i, flag] of page.items.entries()) {
      lines += lineOf(flag, i === page.items.length - 1 ? (page.next ?? from) : from);
    }
    if (lines !== '') yield lines;
    if (page.next === null) return;
    cursor = page.next;
  }
}

async function* labelledLines(store: Deps['store'], tenant: string, from: string | undefined): AsyncGenerator<string> {
  let cursor = from;
  do {
    const page = await store.reviews.labelled(tenant, { limit: PAGE, cursor });
    const lines = page.items.map(labelledLine).join('');
    if (lines !== '') yield lines;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}

async function* after(head: string, lines: AsyncGenerator<string>): AsyncGenerator<string> {
  const first = await lines.next();
  yield head;
  if (!first.done) yield first.value;
  yield* lines;
}

const CSV = 'text/csv; charset=utf-8';
const NDJSON = 'application/x-ndjson';

const STREAMED = {
  description: `One record a line, or a row. The header \`${MARK_HEADER}\` and every record say what they may not be used for.`,
  content: { [NDJSON]: { schema: z.string() }, 'text/csv': { schema: z.string() } },
};

const refuseUnknown = (asked: readonly string[] | undefined, known: ReadonlySet<string>): void => {
  if (asked === undefined || asked.every((category) => known.has(category))) return;
  throw new CodedError('invalid_query', 'A category is not known; GET /v1/categories lists those that are.', {
    errors: [{ path: 'category', message: 'is not a known category' }],
  });
};

export const registerExports = (app: HttpApp, deps: Deps & Pick<HttpDeps, 'categories'>): void => {
  const { store } = deps;
  const known = new Set(deps.categories.map(({ id }) => id));
  app.route({
    method: 'GET',
    url: '/v1/flags/export',
    schema: {
      operationId: 'exportFlags',
      tags: ['exports'],
      summary: 'Flags as a stream, newest first',
      description:
        'Takes the filters of the list. If the stream breaks, ask again with the `cursor` of the last record that arrived: none is lost, those of one page may come twice, by the same id.',
      querystring: flagExportSchema,
      response: { 200: STREAMED, ...problems(...COMMON_PROBLEMS, 'invalid_cursor', 'store_unavailable') },
    },
    handler: async (request, reply) => {
      const { format, ...filter } = request.query;
      refuseUnknown(filter.category, known);
      const [tenant, actor] = [tenantOf(request), actorOf(request)];
      const asked = filter.assignee === 'me' ? { ...filter, assignee: actor } : filter;
      const read = (query: FlagQuery) => store.flags(tenant, query);
      const lines =
        format === 'csv' ? after(csvHead(), flagLines(read, asked, csvLine)) : flagLines(read, asked, flagLine);
      const stream = await started(lines);
      const details = { ...askedFor(asked), format };
      await store.auditAccess({ tenant, actor, action: 'export', what: 'flags', subject: '*', details });
      return reply
        .code(200)
        .header(MARK_HEADER, MARK)
        .header('cache-control', 'no-store')
        .header('content-disposition', `attachment; filename="flags.${format}"`)
        .type(format === 'csv' ? CSV : NDJSON)
        .send(stream as never);
    },
  });
  app.route({
    method: 'GET',
    url: '/v1/reviews/export',
    schema: {
      operationId: 'exportLabels',
      tags: ['exports'],
      summary: 'Reviewed traces as labelled rows',
      description:
        'Confirmed flags as label 1, false ones as 0, with their text where it is still kept: what `eval` and `calibrate` read. What is disputed or unsure is left out.',
      querystring: z.strictObject({ cursor: z.string().optional() }),
      response: {
        200: answer('One labelled trace a line.', z.string(), NDJSON),
        ...problems(...COMMON_PROBLEMS, 'invalid_cursor', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const [tenant, actor] = [tenantOf(request), actorOf(request)];
      const stream = await started(labelledLines(store, tenant, request.query.cursor));
      await store.auditAccess({ tenant, actor, action: 'export', what: 'labels', subject: '*' });
      return reply
        .code(200)
        .header(MARK_HEADER, MARK)
        .header('cache-control', 'no-store')
        .header('content-disposition', 'attachment; filename="labels.ndjson"')
        .type(NDJSON)
        .send(stream as never);
    },
  });
};
