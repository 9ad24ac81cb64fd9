import { describe, expect, test } from 'vitest';
import { alertIdOf, flagIdOf } from '../../src/domain/ids.ts';
import { messagesOf } from '../../src/record/messages.ts';
import { findingOf, NOON, recordOf } from './records.ts';

describe('messages', () => {
  const secret = { segment: 0, start: 1, end: 5, quote: 'SECRET', sourcePath: '/x', hash: 'h' };
  const contribution = { detector: 'classifier', rule: null, view: 'reasoning', finding: null, logOdds: 1 } as const;
  const record = recordOf({
    tenant: 'acme',
    verdict: { drivers: { baseRisk: 0.1, contributions: [{ ...contribution, evidence: [secret] }] } },
    decision: 'alert',
    trace: { conversationId: 'c-9' },
    findings: [findingOf({ evidence: [secret] })],
  });

  test('an alert says what, where and how sure, and has the id that every revision will have', () => {
    const [message] = messagesOf(record, {}).messages;
    expect(message).toMatchObject({ kind: 'alert', key: 'c-9' });
    expect(JSON.parse(message!.payload)).toEqual({
      schema: 'cot-monitor.alert.v1',
      alertId: alertIdOf('acme', 't-1'),
      revision: 1,
      type: 'raised',
      traceId: 't-1',
      conversationId: 'c-9',
      tenant: 'acme',
      model: { provider: 'openai', name: 'o1', version: '2024-12-17' },
      occurredAt: NOON.toISOString(),
      decision: 'alert',
      risk: 0.9,
      findings: [
        {
          category: 'sandbagging',
          group: 'scheming',
          stance: 'intended',
          view: 'reasoning',
          severity: 'high',
          score: 0.9,
          detector: { name: 'heuristics', rule: 'r-1', version: '1', hash: 'abc', status: 'stable' },
          evidence: [{ segment: 0, start: 1, end: 5, hash: 'h' }],
        },
      ],
      assessment: { state: 'assessed', reasons: [] },
      url: `/v1/flags/${flagIdOf('acme', 't-1')}`,
    });
  });

  test('no message holds a quote', () => {
    for (const { payload } of messagesOf(record, { publishVerdicts: true }).messages) {
      expect(payload).not.toContain('SECRET');
      expect(payload).not.toContain('"quote"');
    }
  });

  test('a verdict message is the verdict, but for the quotes', () => {
    const [, message] = messagesOf(record, { publishVerdicts: true }).messages;
    const finding = record.verdict.findings[0]!;
    const evidence = finding.evidence.map(({ quote: _, ...place }) => place);
    expect(JSON.parse(message!.payload)).toEqual({
      schema: 'cot-monitor.verdict.v1',
      tenant: 'acme',
      verdict: {
        ...record.verdict,
        drivers: { baseRisk: 0.1, contributions: [{ ...contribution, evidence }] },
        findings: [{ ...finding, evidence }],
      },
    });
  });

  test('nothing goes out for what is not an alert, unless every verdict does', () => {
    for (const decision of ['clear', 'unknown', 'record', 'flag'] as const) {
      expect(messagesOf(recordOf({ decision }), {}).messages).toEqual([]);
      expect(messagesOf(recordOf({ decision }), { publishVerdicts: true }).messages.map((m) => m.kind)).toEqual([
        'verdict',
      ]);
    }
  });
});
