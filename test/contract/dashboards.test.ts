import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { dashboardFiles, FOLDERS } from '../../deploy/grafana/source/dashboards.ts';
import { createMetrics, METRICS } from '../../src/observe/metrics.ts';
import { DASHBOARDS, panelsOf, queriesOf, readDashboard } from '../support/dashboards.ts';
import { duplicatesIn, filesUnder, readText } from './documents.ts';

const files = dashboardFiles();

describe('the dashboards', () => {
  test.each(FOLDERS)('under %s are the ones that the source makes: `npm run dashboards`', (folder) => {
    expect(filesUnder(folder)).toEqual(files.map(({ name }) => `${folder}/${name}`).sort());
    for (const { name, text } of files) expect(readText(`${folder}/${name}`) === text, name).toBe(true);
  });

  test('are those that tests run against a real Prometheus', () => {
    expect(files.map(({ name }) => name).sort()).toEqual(DASHBOARDS.map((name) => `${name}.json`).sort());
  });

  test('have addresses of their own, and titles too', () => {
    const boards = DASHBOARDS.map(readDashboard);
    expect(duplicatesIn(boards.map(({ uid }) => uid))).toEqual([]);
    expect(boards.filter(({ uid }) => !/^cot-monitor-[a-z]{1,28}$/.test(uid))).toEqual([]);
    for (const board of boards) expect(duplicatesIn(panelsOf(board).map(({ title }) => title))).toEqual([]);
  });

  test('say of every panel what to make of it, and ask the Prometheus that the reader chose', () => {
    for (const name of DASHBOARDS) {
      for (const { title, description = '', datasource, targets = [] } of panelsOf(readDashboard(name))) {
        expect(description.length, title).toBeGreaterThan(10);
        expect(datasource, title).toEqual({ type: 'prometheus', uid: '$datasource' });
        expect(targets.length, title).toBeGreaterThan(0);
      }
    }
  });

  test('ask only for metrics that the service has, and of the chosen jobs', async () => {
    const rendered = await createMetrics({ processMetrics: true }).render();
    const known = new Set(['up', ...[...rendered.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name ?? '')]);
    const series = (metric: string): string =>
      METRICS[metric as keyof typeof METRICS] === undefined ? metric.replace(/_(bucket|sum|count)$/, '') : metric;
    for (const { place, expr } of DASHBOARDS.flatMap(queriesOf)) {
      const selectors = [...expr.matchAll(/(\w+)\{([^}]*)\}/g)];
      expect(selectors.length, place).toBeGreaterThan(0);
      for (const [, metric = '', matchers] of selectors) {
        expect([...known], place).toContain(series(metric));
        expect(matchers, place).toContain('job=~"$job"');
      }
    }
  });

  test('use only variables that they, or Grafana, define', () => {
    for (const name of DASHBOARDS) {
      const own = readDashboard(name).templating.list.map((variable) => variable.name);
      const used = queriesOf(name).flatMap(({ expr }) =>
        [...expr.matchAll(/\$(\w+)/g)].map(([, variable]) => variable),
      );
      const defined = new Set([...own, '__rate_interval', '__range']);
      expect(used.filter((variable) => !defined.has(variable ?? ''))).toEqual([]);
    }
  });
});

describe('the Grafana of the compose file', () => {
  const compose = readText('deploy/compose.yaml');

  test('finds the dashboards and the Prometheus where the files say', () => {
    const dashboards = parse(readText('deploy/grafana/provisioning/dashboards/cot-monitor.yaml')) as {
      readonly providers: readonly { readonly options: { readonly path: string } }[];
    };
    expect(compose).toContain(`./grafana/dashboards:${dashboards.providers[0]?.options.path}:ro`);
    expect(compose).toContain('./grafana/provisioning:/etc/grafana/provisioning:ro');
    const { datasources } = parse(readText('deploy/grafana/provisioning/datasources/prometheus.yaml')) as {
      readonly datasources: readonly { readonly url: string; readonly jsonData: { readonly timeInterval: string } }[];
    };
    expect(datasources).toMatchObject([{ url: 'http://prometheus:9090' }]);
    const { global } = parse(readText('deploy/prometheus/prometheus.yml')) as {
      readonly global: { readonly scrape_interval: string };
    };
    expect(datasources[0]?.jsonData.timeInterval).toBe(global.scrape_interval);
  });
});
