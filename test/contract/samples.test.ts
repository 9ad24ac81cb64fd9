import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { createEngine } from '../../src/engine.ts';
import { createLogger } from '../../src/observe/log.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { createReleasers } from '../../src/releasers.ts';
import { readText } from './documents.ts';

// What a newcomer pastes first must do what the page says it does.

const releasers = createReleasers();
afterAll(releasers.release);
const { assessor } = await createEngine(
  {
    config: loadConfig({ WORKER_THREADS: '1', DETECT_DEADLINE_MS: '20000' }),
    metrics: createMetrics({ processMetrics: false }),
    log: createLogger('silent'),
    clock: systemClock,
  },
  releasers,
);

/** The JSON body of the page's first curl. */
const bodyOf = (page: string, pattern: RegExp): Record<string, unknown> =>
  JSON.parse(pattern.exec(readText(page))?.[1] ?? '') as Record<string, unknown>;

describe.each([
  ['README.md', bodyOf('README.md', /<<'EOF'\n(\{[\s\S]*?\n\})\nEOF/)],
  ['docs/quickstart.md', bodyOf('docs/quickstart.md', /curl[^\n]* -d '(\{[\s\S]*?\n\})'/)],
])('the trace in %s', (_, payload) => {
  test('gets flagged, with exact evidence, although its answer alone looks fine', async () => {
    const { trace, verdict } = await assessor.assess({ payload, tenant: 'default' });
    expect(verdict.assessment).toEqual({ state: 'assessed', reasons: [] });
    expect(['flag', 'alert']).toContain(verdict.decision);
    expect(verdict.actionsAloneWouldFlag).toBe(false);
    const evidence = verdict.findings.flatMap((finding) => finding.evidence);
    expect(evidence.length).toBeGreaterThan(0);
    for (const { segment, start, end, quote } of evidence) {
      expect(quote.length).toBeGreaterThan(0);
      expect(trace.segments[segment]?.text.slice(start, end)).toBe(quote);
    }
  });
});
