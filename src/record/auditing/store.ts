import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Clock } from '../../domain/clock.ts';
import type { Availability } from '../availability.ts';
import type { MessageOptions } from '../messages.ts';
import type { Database } from '../schema.ts';
import type { AuditedDeps } from './audited.ts';
import type { AuditTrail, Reports, Reviews, Suppressions } from './contract.ts';
import { findLabelled } from './labelled.ts';
import { countBlocks, countReviewed, countShadow, countVerdicts } from './report-counts.ts';
import { countReviews, findOutcomePairs } from './review-counts.ts';
import { addReview, assignFlag, findReviews, releaseFlag } from './reviews.ts';
import {
  addSuppression,
  changeSuppression,
  endSuppression,
  findSuppression,
  listSuppressions,
} from './suppressions.ts';
import { findEntries, findPastVerdicts } from './trail.ts';

// The auditors' part of the store.

type Run = Availability['run'];

/** The database as a tenant sees it. */
type DepsOf = (tenant: string) => AuditedDeps;

export const createReviews = (depsOf: DepsOf, options: MessageOptions, run: Run): Reviews => {
  return {
    add: (tenant, flagId, review) => run(() => addReview(depsOf(tenant), tenant, flagId, review, options)),
    list: (tenant, flagId) => run(() => findReviews(depsOf(tenant).db, tenant, flagId)),
    assign: (tenant, flagId, assignee, until) => run(() => assignFlag(depsOf(tenant), tenant, flagId, assignee, until)),
    release: (tenant, flagId, assignee) => run(() => releaseFlag(depsOf(tenant), tenant, flagId, assignee)),
    outcomePairs: (tenant, period) => run(() => findOutcomePairs(depsOf(tenant).db, tenant, period)),
    counts: (tenant, period) => run(() => countReviews(depsOf(tenant).db, tenant, period)),
    labelled: (tenant, page) => run(() => findLabelled(depsOf(tenant).db, tenant, page)),
  };
};

export const createReports = (depsOf: DepsOf, run: Run): Reports => ({
  verdicts: (tenant, scope) => run(() => countVerdicts(depsOf(tenant).db, tenant, scope)),
  reviewed: (tenant, scope) => run(() => countReviewed(depsOf(tenant).db, tenant, scope)),
  shadow: (tenant, scope) => run(() => countShadow(depsOf(tenant).db, tenant, scope)),
  blocks: (tenant, scope, size) => run(() => countBlocks(depsOf(tenant).db, tenant, scope, size)),
});

export const createSuppressions = (depsOf: DepsOf, clock: Clock, run: Run): Suppressions => {
  return {
    add: (tenant, suppression, by) => run(() => addSuppression(depsOf(tenant), randomUUID, tenant, suppression, by)),
    list: (tenant, filter) => run(() => listSuppressions(depsOf(tenant).db, tenant, filter, clock())),
    find: (tenant, id) => run(() => findSuppression(depsOf(tenant).db, tenant, id)),
    change: (tenant, id, change, by) => run(() => changeSuppression(depsOf(tenant), tenant, id, change, by)),
    end: (tenant, id, by) => run(() => endSuppression(depsOf(tenant), tenant, id, by)),
  };
};

/** @param owner see findEntries */
export const createTrail = (depsOf: DepsOf, owner: Kysely<Database>, run: Run): AuditTrail => ({
  entries: (tenant, query) => run(() => findEntries(depsOf(tenant).db, owner, tenant, query)),
  verdicts: (tenant, traceIds) => run(() => findPastVerdicts(depsOf(tenant).db, tenant, traceIds)),
});
