import { expect, test } from 'vitest';
import type { z } from 'zod';
import type { Alert } from '../../../src/domain/alert.ts';
import type { Finding } from '../../../src/domain/finding.ts';
import type { Category } from '../../../src/domain/taxonomy.ts';
import type { Model, Segment } from '../../../src/domain/trace.ts';
import type { Verdict } from '../../../src/domain/verdict.ts';
import type { RuleSummary } from '../../../src/http/deps.ts';
import type { alertSchema } from '../../../src/http/schemas/alert.ts';
import type { segmentSchema, turnSchema } from '../../../src/http/schemas/conversation.ts';
import type { flagQuerySchema, flagSchema, modelSchema } from '../../../src/http/schemas/flag.ts';
import type { livenessSchema } from '../../../src/http/schemas/health.ts';
import type { categorySchema, ruleSchema } from '../../../src/http/schemas/rule.ts';
import { traceSchema } from '../../../src/http/schemas/trace.ts';
import { findingSchema, verdictSchema } from '../../../src/http/schemas/verdict.ts';
import type { Liveness } from '../../../src/observe/health.ts';
import type { Assignment, Flag, FlagQuery, StoredTrace } from '../../../src/record/contract.ts';
import { sampleFinding, sampleVerdict } from '../fixture.ts';

// The compiler does the work here: a field that one side gains, loses or retypes no longer compiles.

type Both<A, B> = [A] extends [B] ? ([B] extends [A] ? keyof A | keyof B : never) : never;
/** The keys of A where A and B are assignable to one another and have the same keys; else never. */
type Agree<A, B> = [keyof A] extends [keyof B] ? ([keyof B] extends [keyof A] ? Both<A, B> : never) : never;

type Wire<T> = {
  readonly [K in keyof T]: T[K] extends Date ? string : T[K] extends Assignment | null ? Wire<Assignment> | null : T[K];
};

const agree = <_A, _B>(...keys: [Agree<_A, _B>, ...Agree<_A, _B>[]]): number => keys.length;

test('schemas of answers and the types they are built from are the same', () => {
  const checked = [
    agree<z.output<typeof verdictSchema>, Verdict>('traceId'),
    agree<z.output<typeof findingSchema>, Finding>('id'),
    agree<z.output<typeof segmentSchema>, Segment>('index'),
    agree<z.output<typeof modelSchema>, Model>('name'),
    agree<z.output<typeof flagSchema>, Wire<Flag>>('id'),
    agree<Omit<z.output<typeof turnSchema>, 'history' | 'erasedAt'>, Wire<Omit<StoredTrace, 'erasedAt'>>>('traceId'),
    agree<z.output<typeof ruleSchema>, RuleSummary>('id'),
    agree<z.output<typeof categorySchema>, Category>('id'),
    agree<z.output<typeof livenessSchema>, Liveness>('status'),
    agree<z.output<typeof alertSchema>, Alert>('alertId'),
  ];
  expect(checked).toHaveLength(10);
});

test('the query of flags asks everything that the store answers', () => {
  type Asked = z.output<typeof flagQuerySchema>;
  expect(agree<Record<keyof Asked, 0>, Record<keyof FlagQuery, 0>>('limit')).toBe(1);
});

test('samples and documented examples conform', () => {
  expect(findingSchema.parse(sampleFinding)).toEqual(sampleFinding);
  expect(verdictSchema.parse(sampleVerdict)).toEqual(sampleVerdict);
  const [verdict] = (verdictSchema.meta()?.examples ?? []) as Verdict[];
  const [trace] = (traceSchema.meta()?.examples ?? []) as z.output<typeof traceSchema>[];
  expect(verdictSchema.parse(verdict)).toEqual(verdict);
  expect(traceSchema.parse(trace)).toEqual(trace);
  const [evidence] = verdict!.findings[0]!.evidence;
  expect(trace!.segments[evidence!.segment]!.text!.slice(evidence!.start, evidence!.end)).toBe(evidence!.quote);
});
