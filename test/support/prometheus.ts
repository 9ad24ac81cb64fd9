import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { freePort } from './ports.ts';

// A real Prometheus and a real Alertmanager on this machine (Debian: prometheus, prometheus-alertmanager), in folders of
// their own. Where they are not installed, suites are skipped by name; REQUIRE_PROMETHEUS=1 makes that a failure.

const present = (names: readonly string[]): string | undefined =>
  names.find((name) => spawnSync(name, ['--version']).status === 0);

const prometheus = present(['prometheus']);
const alertmanager = present(['prometheus-alertmanager', 'alertmanager']);

/** Why suites that need both cannot run, or null where they can. */
export const prometheusMissing = (): string | null => {
  const missing = [
    ...(prometheus === undefined ? ['prometheus'] : []),
    ...(alertmanager === undefined ? ['alertmanager'] : []),
  ];
  if (missing.length === 0) return null;
  const reason = `${missing.join(' and ')} not installed`;
  if (process.env.REQUIRE_PROMETHEUS === '1') throw new Error(`REQUIRE_PROMETHEUS=1, but ${reason}`);
  return reason;
};

const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'cot-monitor-prometheus-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const untilReady = async (child: ChildProcess, url: string, output: () => string): Promise<void> => {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it did not start:\n${output()}`);
    const ready = await fetch(`${url}/-/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    await wait(50);
  }
};

const run = async (command: string, args: readonly string[], url: string): Promise<void> => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  await untilReady(child, url, () => output);
};

export interface PrometheusOptions {
  /** host:port of the service. */
  readonly target: string;
  /** Names and texts of rule files. */
  readonly rules?: Readonly<Record<string, string>>;
  /** host:port of an Alertmanager. */
  readonly alertmanager?: string;
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface RunningPrometheus {
  /** An instant query, now. Rejects with Prometheus's own words where it cannot be read. */
  query(expr: string): Promise<readonly Sample[]>;
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: {
    readonly resultType: string;
    readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[];
  };
}

/** Scrapes and evaluates every second. */
export const startPrometheus = async ({
  target,
  rules = {},
  alertmanager: to,
}: PrometheusOptions): Promise<RunningPrometheus> => {
  const folder = makeFolder();
  for (const [name, text] of Object.entries(rules)) writeFileSync(join(folder, name), text);
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: Object.keys(rules).map((name) => join(folder, name)),
    alerting: { alertmanagers: to === undefined ? [] : [{ static_configs: [{ targets: [to] }] }] },
    scrape_configs: [{ job_name: 'cot-monitor', static_configs: [{ targets: [target] }] }],
  };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const listen = `127.0.0.1:${await freePort()}`;
  await run(
    prometheus ?? '',
    [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${listen}`,
      '--log.level=warn',
    ],
    `http://${listen}`,
  );
  return {
    query: async (expr) => {
      const response = await fetch(`http://${listen}/api/v1/query`, {
        method: 'POST',
        body: new URLSearchParams({ query: expr }),
      });
      const { status, error, data } = (await response.json()) as Answer;
      if (status !== 'success' || data === undefined) throw new Error(`${error}: ${expr}`);
      if (data.resultType !== 'vector') throw new Error(`a ${data.resultType}: ${expr}`);
      return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
  };
};

/** @returns its host:port */
export const startAlertmanager = async (config: string): Promise<string> => {
  const folder = makeFolder();
  writeFileSync(join(folder, 'alertmanager.yml'), config);
  const listen = `127.0.0.1:${await freePort()}`;
  await run(
    alertmanager ?? '',
    [
      `--config.file=${folder}/alertmanager.yml`,
      `--storage.path=${folder}/data`,
      `--web.listen-address=${listen}`,
      '--cluster.listen-address=',
      '--log.level=warn',
    ],
    `http://${listen}`,
  );
  return listen;
};
