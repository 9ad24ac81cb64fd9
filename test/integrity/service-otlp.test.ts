import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { chatSpan, exportTo, openinferenceSpan, spansOf } from '../http/otlp/exporters.ts';
import { ALERTING } from '../support/sample-traces.ts';
import { startService } from '../support/service.ts';

interface FlagPage {
  readonly items: readonly { readonly id: string; readonly conversationId: string; readonly decision: string }[];
}

test('spans of a real OpenTelemetry exporter come out as verdicts, and exporting them again changes nothing', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'cot-monitor-otlp-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const service = await startService({ DATA_DIR: dataDir, DETECTORS: 'heuristics', DETECT_DEADLINE_MS: '60000' });
  const flags = async () => ((await service.get('/v1/flags')).body as FlagPage).items;
  const conversations = async () => (await flags()).map((flag) => `${flag.conversationId} ${flag.decision}`).sort();

  const spans = await spansOf(
    chatSpan(ALERTING, { 'gen_ai.conversation.id': 'genai' }),
    chatSpan('Sum the rows.', { 'gen_ai.conversation.id': 'quiet' }),
    openinferenceSpan(ALERTING, { 'session.id': 'phoenix' }),
    { name: 'GET /', attributes: { 'http.request.method': 'GET' } },
  );
  expect(await exportTo('protobuf', service.address, spans, { gzip: true })).toBe(true);
  expect(await conversations()).toEqual(['genai alert', 'phoenix alert']);
  const before = await flags();

  expect(await exportTo('json', service.address, spans)).toBe(true);
  expect(await exportTo('protobuf', service.address, spans)).toBe(true);
  expect(await flags()).toEqual(before);
  const metrics = await (await fetch(`${service.address}/metrics`)).text();
  expect(metrics).toContain('cot_monitor_duplicates_total{source="otlp"} 6\n');
  expect(await service.kill('SIGTERM')).toBe(0);
}, 180_000);
