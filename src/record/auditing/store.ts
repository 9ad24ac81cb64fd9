import { randomUUID } from 'node:crypto';
import type { Availability } from '../availability.ts';
import type { AuditedDeps } from './audited.ts';
import type { Reviews, Suppressions } from './contract.ts';
import { findLabelled } from './labelled.ts';
import { countReviews, findOutcomePairs } from './review-counts.ts';
import { addReview, assignFlag, findReviews, releaseFlag } from './reviews.ts';
import {
  addSuppression,
  changeSuppression,
  endSuppression,
  findSuppression,
  listSuppressions,
} from './suppressions.ts';

// The auditors' part of the store.

type Run = Availability['run'];

export const createReviews = (deps: AuditedDeps, run: Run): Reviews => {
  const { db } = deps;
  return {
    add: (tenant, flagId, review) => run(() => addReview(deps, tenant, flagId, review)),
    list: (tenant, flagId) => run(() => findReviews(db, tenant, flagId)),
    assign: (tenant, flagId, assignee, until) => run(() => assignFlag(deps, tenant, flagId, assignee, until)),
    release: (tenant, flagId, assignee) => run(() => releaseFlag(deps, tenant, flagId, assignee)),
    outcomePairs: (tenant, period) => run(() => findOutcomePairs(db, tenant, period)),
    counts: (tenant, period) => run(() => countReviews(db, tenant, period)),
    labelled: (tenant, page) => run(() => findLabelled(db, tenant, page)),
  };
};

export const createSuppressions = (deps: AuditedDeps, run: Run): Suppressions => {
  const { db, clock } = deps;
  return {
    add: (tenant, suppression, by) => run(() => addSuppression(deps, randomUUID, tenant, suppression, by)),
    list: (tenant, filter) => run(() => listSuppressions(db, tenant, filter, clock())),
    find: (tenant, id) => run(() => findSuppression(db, tenant, id)),
    change: (tenant, id, change, by) => run(() => changeSuppression(deps, tenant, id, change, by)),
    end: (tenant, id, by) => run(() => endSuppression(deps, tenant, id, by)),
  };
};
