import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readText } from './documents.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = 'deploy/prometheus/rules';

interface Alert {
  readonly alert: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const { groups } = parse(readText(`${FOLDER}/alerts.yaml`)) as { groups: readonly { rules: readonly Alert[] }[] };
const alerts = groups.flatMap(({ rules }) => rules);
interface AlertTests {
  readonly tests: readonly {
    readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
  }[];
}

const TESTS = ['alerts.test.yaml', 'alerts.days.test.yaml'];
const cases = TESTS.flatMap((file) => (parse(readText(`${FOLDER}/${file}`)) as AlertTests).tests).flatMap(
  ({ alert_rule_test }) => alert_rule_test,
);

test('every alert says how urgent it is, what it saw, and where to read on', () => {
  for (const { alert, labels, annotations } of alerts) {
    expect(['page', 'ticket'], alert).toContain(labels.severity);
    expect(annotations.summary, alert).toContain('$value');
    expect(annotations.runbook, alert).toBe(`deploy/runbooks/${alert}.md`);
  }
});

test('every alert has a runbook with the same three parts, and every runbook an alert', () => {
  const pages = readdirSync(join(ROOT, 'deploy/runbooks')).map((file) => file.replace('.md', ''));
  expect(pages.sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  for (const page of pages) {
    const headings = readText(`deploy/runbooks/${page}.md`).match(/^#+ .*$/gm);
    expect(headings).toEqual([`# ${page}`, '## What it means', '## Where to look', '## What to do']);
  }
});

test('every alert is tested firing and staying quiet', () => {
  for (const { alert } of alerts) {
    const own = cases.filter(({ alertname }) => alertname === alert).map(({ exp_alerts }) => exp_alerts.length > 0);
    expect(own.sort(), alert).toEqual([false, true]);
  }
});

test('the Prometheus of the compose file loads the rules', () => {
  expect(parse(readText('deploy/prometheus/prometheus.yml'))).toMatchObject({
    rule_files: ['/etc/prometheus/rules/recording.yaml', '/etc/prometheus/rules/alerts.yaml'],
  });
  expect(readText('deploy/compose.yaml')).toContain('./prometheus/rules:/etc/prometheus/rules:ro');
});

const required = process.env.REQUIRE_PROMETHEUS === '1';
const promtool = spawnSync('promtool', ['--version']).status === 0;
if (!promtool && required) throw new Error('REQUIRE_PROMETHEUS=1, but promtool is not installed');
if (!promtool) console.warn('promtool is not installed: alert rules are not run against their tests');

describe.skipIf(!promtool)('promtool', () => {
  test('finds no fault in the scrape configuration', () => {
    const { status, stdout, stderr } = spawnSync(
      'promtool',
      ['check', 'config', '--syntax-only', join(ROOT, 'deploy/prometheus/prometheus.yml')],
      { encoding: 'utf8' },
    );
    expect(status, stdout + stderr).toBe(0);
  });

  const run = (...args: string[]) =>
    spawnSync('promtool', args, { cwd: join(ROOT, FOLDER), encoding: 'utf8', timeout: 280_000 });

  test('finds no fault in the rules', () => {
    const { status, stderr } = run('check', 'rules', 'recording.yaml', 'alerts.yaml');
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test('sees each alert fire, and stay quiet, as its tests say', () => {
    const { status, stdout, stderr } = run('test', 'rules', ...TESTS);
    expect(status, stdout + stderr).toBe(0);
  }, 300_000);
});

const amtool = spawnSync('amtool', ['--version']).status === 0;
if (!amtool && required) throw new Error('REQUIRE_PROMETHEUS=1, but amtool is not installed');
if (!amtool) console.warn('amtool is not installed: the example of routes is not checked');

test.skipIf(!amtool)('amtool accepts the example of routes', () => {
  const file = join(ROOT, 'deploy/alertmanager/alertmanager.yml');
  const { status, stdout, stderr } = spawnSync('amtool', ['check-config', file], { encoding: 'utf8' });
  expect(status, stdout + stderr).toBe(0);
});
