import { Readable } from 'node:stream';
import { z } from 'zod';
import { CodedError } from '../../domain/errors.ts';
import { createBacktest } from '../../report/backtest.ts';
import { answer, BODY_PROBLEMS, COMMON_PROBLEMS, problems } from '../answers.ts';
import type { Candidate, HttpApp, HttpDeps } from '../deps.ts';
import { problemOf, toCodedError } from '../problems.ts';
import { backtestAnswerSchema, backtestSchema } from '../schemas/backtest.ts';
import { actorOf, tenantFor } from '../tenant.ts';

// A candidate policy over stored verdicts, told as it goes. A page is read when the client has taken the line before, so a
// slow client holds up nothing and one that hangs up ends the run.

const PAGE = 500;

/** Runs at once: each reads many verdicts, and the store has others to answer. */
const MAX_RUNS = 2;

const NDJSON = 'application/x-ndjson';

interface Run {
  readonly tenant: string;
  readonly from: Date;
  readonly to: Date;
  readonly limit: number;
}

async function* linesOf(
  store: HttpDeps['store'],
  { redecide, ...policy }: Candidate,
  { tenant, from, to, limit }: Run,
): AsyncGenerator<object> {
  const backtest = createBacktest(redecide);
  let cursor: string | undefined;
  for (;;) {
    const page = await store.storedVerdicts(tenant, {
      from,
      to,
      cursor,
      limit: Math.min(PAGE, limit - backtest.verdicts()),
    });
    for (const stored of page.items) backtest.add(stored);
    const complete = page.next === null;
    if (complete || backtest.verdicts() >= limit) {
      yield { event: 'report', ...backtest.report(), policy, complete };
      return;
    }
    yield { event: 'progress', verdicts: backtest.verdicts() };
    cursor = page.next;
    // Deciding a page is work for the processor: requests that wait go first.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function* told(lines: AsyncGenerator<object>): AsyncGenerator<string> {
  try {
    for await (const line of lines) yield `${JSON.stringify(line)}\n`;
  } catch (error) {
    yield `${JSON.stringify({ event: 'problem', ...problemOf(toCodedError(error)) })}\n`;
  }
}

export const registerBacktests = (app: HttpApp, { store, candidate }: Pick<HttpDeps, 'store' | 'candidate'>): void => {
  let running = 0;
  app.route({
    method: 'POST',
    url: '/v1/backtests',
    schema: {
      operationId: 'backtestPolicy',
      tags: ['policy'],
      summary: 'What another policy would have decided',
      description:
        'Decides the stored verdicts of a period anew under a changed policy and tells what would change, before it is enabled. Nothing is stored but a line in the audit log. Progress comes line by line; hang up to stop it. No text is read: findings and scores are as the detectors found them then.',
      querystring: z.strictObject({}),
      body: backtestSchema,
      response: {
        200: answer('Lines as it goes; the report last.', backtestAnswerSchema, NDJSON),
        ...problems(...COMMON_PROBLEMS, ...BODY_PROBLEMS, 'overloaded', 'store_unavailable'),
      },
    },
    handler: async (request, reply) => {
      const { policy: changes, from, to, limit, tenant: asked } = request.body;
      const tenant = tenantFor(request, asked);
      // Before the first byte, so that a policy at fault is a problem and no broken stream.
      const changed = candidate(changes);
      if (running >= MAX_RUNS) throw new CodedError('overloaded', 'Too many backtests run.', { retryAfter: 30 });
      running++;
      reply.raw.once('close', () => running--);
      const details = { from, to, limit, policy: changed.candidate };
      const actor = actorOf(request);
      await store.auditAccess({ tenant, actor, action: 'view', what: 'backtest', subject: '*', details });
      const run = { tenant, from: new Date(from), to: new Date(to), limit };
      return reply
        .code(200)
        .header('cache-control', 'no-store')
        .type(NDJSON)
        .send(
          Readable.from(told(linesOf(store, changed, run)), {
            objectMode: true,
            highWaterMark: 1,
          }) as never,
        );
    },
  });
};
