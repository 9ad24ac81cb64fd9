import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromFile, Parser } from '@asyncapi/parser';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { VARIABLES } from '../../src/config/variables.ts';
import type { Alert } from '../../src/domain/alert.ts';
import type { Trace } from '../../src/domain/trace.ts';
import { eventSchemas } from '../../src/http/event-schemas.ts';
import { quarantineRecord } from '../../src/ingest/quarantine.ts';
import { messagesOf } from '../../src/record/messages.ts';
import { sampleTrace, sampleTurn, sampleVerdict } from '../http/fixture.ts';
import { ROOT, readText } from './documents.ts';

const FILE = 'openapi/asyncapi.yaml';

const validatorOf = (name: string): ValidateFunction => {
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  return ajv.compile(JSON.parse(readText(`openapi/events/${name}.v1.schema.json`)) as object);
};

const trace: Trace = {
  id: 't-1',
  idSource: 'caller',
  tenant: 'default',
  conversationId: 'c-42',
  turn: 3,
  model: sampleTurn.model,
  format: 'canonical',
  occurredAt: sampleTurn.occurredAt,
  segments: sampleTurn.segments ?? [],
  usage: {},
  labels: {},
  unread: [],
  contentHash: 'h',
};

const { messages } = messagesOf(
  { trace, verdict: sampleVerdict, receivedAt: new Date(0) },
  { publicUrl: 'https://monitor.example', publishVerdicts: true },
);
const payloadOf = (kind: string): string => messages.find((message) => message.kind === kind)!.payload;

describe(FILE, () => {
  test('is AsyncAPI 3.0 without a fault', async () => {
    const { document, diagnostics } = await fromFile(new Parser(), join(ROOT, FILE)).parse();
    // That a later version of the format exists is not a fault.
    const faults = diagnostics.filter(({ code }) => code !== 'asyncapi-latest-version');
    expect(faults).toEqual([]);
    expect(document?.version()).toBe('3.0.0');
  });

  test('names the topics that the configuration names', () => {
    const { channels } = parse(readText(FILE)) as {
      channels: Record<string, { address: string; description: string }>;
    };
    for (const name of ['traces', 'alerts', 'quarantine', 'verdicts'] as const) {
      const variable = `KAFKA_${name.toUpperCase() as Uppercase<typeof name>}_TOPIC` as const;
      expect(channels[name]?.description).toContain(variable);
      const shipped = VARIABLES[variable].schema.parse(undefined);
      expect(channels[name]?.address).toBe(shipped ?? 'reasoning.verdicts');
    }
  });

  test('refers to every event schema there is', () => {
    for (const name of Object.keys(eventSchemas())) {
      expect(readText(FILE)).toContain(`./events/${name}`);
      expect(readFileSync(join(ROOT, 'openapi/events', name), 'utf8').length).toBeGreaterThan(0);
    }
  });

  test('lists the headers that quarantined records carry', () => {
    const record = {
      topic: 't',
      partition: 0,
      offset: '1',
      key: null,
      value: Buffer.from('{'),
      headers: {},
      timestamp: null,
    };
    const sent = quarantineRecord(record, { code: 'malformed_json', reason: 'not JSON' });
    const { components } = parse(readText(FILE)) as {
      components: { messages: { quarantined: { headers: { required: string[] } } } };
    };
    expect(Object.keys(sent.headers ?? {}).sort()).toEqual(
      [...components.messages.quarantined.headers.required].sort(),
    );
  });
});

describe('event schemas', () => {
  test('accept the alerts that are published', () => {
    const validate = validatorOf('alert');
    const alert = JSON.parse(payloadOf('alert')) as Alert;
    expect(validate(alert), JSON.stringify(validate.errors)).toBe(true);
    for (const type of ['updated', 'withdrawn'] as const) expect(validate({ ...alert, type, revision: 2 })).toBe(true);
  });

  test('refuse an alert that carries text of the trace', () => {
    const validate = validatorOf('alert');
    const alert = JSON.parse(payloadOf('alert')) as Alert;
    const [finding] = alert.findings;
    const [place] = finding!.evidence;
    expect(validate({ ...alert, segments: [] })).toBe(false);
    expect(validate({ ...alert, findings: [{ ...finding, explanation: 'text' }] })).toBe(false);
    expect(validate({ ...alert, findings: [{ ...finding, evidence: [{ ...place, quote: 'text' }] }] })).toBe(false);
  });

  test.each([
    ['another version', { schema: 'cot-monitor.alert.v2' }],
    ['no id', { alertId: undefined }],
    ['revision 0', { revision: 0 }],
    ['a risk above 1', { risk: 1.1 }],
    ['a time that is not one', { occurredAt: 'yesterday' }],
  ])('refuse an alert with %s', (_, wrong) => {
    const alert = JSON.parse(payloadOf('alert')) as Alert;
    expect(validatorOf('alert')(JSON.parse(JSON.stringify({ ...alert, ...wrong })))).toBe(false);
  });

  test('accept the verdicts that are published, and refuse them with quotes', () => {
    const validate = validatorOf('verdict');
    const event = JSON.parse(payloadOf('verdict')) as object;
    expect(validate(event), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...event, verdict: sampleVerdict })).toBe(false);
  });

  test('accept the canonical body, and refuse what is none', () => {
    const validate = validatorOf('trace');
    expect(validate(sampleTrace), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ segments: [] })).toBe(false);
    expect(validate({ segments: [{ kind: 'thought', text: 'a' }] })).toBe(false);
    expect(validate({ choices: [] })).toBe(false);
  });
});
