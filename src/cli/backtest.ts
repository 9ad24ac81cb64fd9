import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { CodedError } from '../domain/errors.ts';
import { DECISIONS, type Verdict } from '../domain/verdict.ts';
import type { Page, PeriodQuery } from '../record/contract.ts';
import { type BacktestReport, type BacktestVerdict, createBacktest } from '../report/backtest.ts';
import type { ServiceAddress } from './remote-client.ts';
import { printable, type Terminal, table } from './terminal.ts';

// `backtest`: a changed policy over the stored verdicts of a period. Nothing is stored, and no text is read.

export interface BacktestTask {
  readonly tenant: string | undefined;
  /** YAML: what changes in the policy in force. */
  readonly policy: string;
  readonly from: Date;
  readonly to: Date | undefined;
  readonly limit: number;
}

const PAGE = 500;
const MAX_LIMIT = 1_000_000;

const isInstant = (text: string): boolean => /^\d{4}-\d\d-\d\d(T.*)?$/.test(text) && !Number.isNaN(Date.parse(text));

/** The task, or what is wrong with the command line. */
export const readBacktest = (args: string[]): BacktestTask | string => {
  const { values } = parseArgs({
    args,
    options: {
      policy: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      limit: { type: 'string', default: '100000' },
      tenant: { type: 'string' },
    },
  });
  const { policy, from, to, tenant } = values;
  const limit = Number(values.limit);
  if (policy === undefined || policy === '') return 'backtest needs --policy FILE';
  if (from === undefined || !isInstant(from)) return '--from takes a date, or an instant in ISO 8601';
  if (to !== undefined && !isInstant(to)) return '--to takes a date, or an instant in ISO 8601';
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    return '--limit takes a whole number from 1 to 1000000';
  return { tenant, policy, from: new Date(from), to: to === undefined ? undefined : new Date(to), limit };
};

/** @throws CodedError `unreadable_input` */
export const readChanges = (path: string): Readonly<Record<string, unknown>> => {
  let value: unknown;
  try {
    value = parse(readFileSync(path, 'utf8'), { maxAliasCount: 0 });
  } catch (cause) {
    throw new CodedError('unreadable_input', `${path} cannot be read as YAML`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CodedError('unreadable_input', `${path} holds no fields of a policy`);
  }
  return value as Readonly<Record<string, unknown>>;
};

export interface BacktestDeps {
  readonly read: (tenant: string, query: PeriodQuery) => Promise<Page<BacktestVerdict>>;
  readonly redecide: (verdict: Verdict) => Verdict['decision'];
  readonly terminal: Terminal;
  readonly now: Date;
  /** Where none is named. */
  readonly tenant: string;
}

const change = (was: number, now: number): string => (now === was ? '' : `${now > was ? '+' : ''}${now - was}`);

const reportText = ({ decisions, changes, categories, models, text }: BacktestReport): string => {
  const flagged = (head: string, rows: BacktestReport['models']): string =>
    table(
      [head, 'flagged', 'would be', 'change'],
      rows.map(({ name, was, now }) => [printable(name), String(was), String(now), change(was, now)]),
    );
  const parts = [
    table(
      ['decision', 'was', 'would be', 'change'],
      DECISIONS.map((d) => [
        d,
        String(decisions[d].was),
        String(decisions[d].now),
        change(decisions[d].was, decisions[d].now),
      ]),
    ),
    flagged('category', categories),
    flagged('model', models),
    ...changes.map(({ was, now, count, examples }) =>
      printable(`${was} → ${now}: ${count}, such as ${examples.slice(0, 5).join(', ')}`),
    ),
    `Text is kept of ${text.kept}, not kept of ${text.not_kept}, erased of ${text.erased}; no text was needed.`,
  ];
  return parts.join('\n\n');
};

/** @returns exit code: 0, whether or not anything would change */
export const runBacktest = async (deps: BacktestDeps, task: BacktestTask): Promise<number> => {
  const { read, redecide, terminal, now } = deps;
  const tenant = task.tenant ?? deps.tenant;
  const backtest = createBacktest(redecide);
  let cursor: string | undefined;
  do {
    const limit = Math.min(PAGE, task.limit - backtest.verdicts());
    const page = await read(tenant, { from: task.from, to: task.to ?? now, limit, cursor });
    for (const stored of page.items) backtest.add(stored);
    cursor = page.next ?? undefined;
    if (terminal.interactive) terminal.err.write(`\r${backtest.verdicts()} verdicts`);
  } while (cursor !== undefined && backtest.verdicts() < task.limit);
  if (terminal.interactive && backtest.verdicts() > 0) terminal.err.write('\n');
  conclude(backtest.report(), cursor === undefined, terminal);
  return 0;
};

const conclude = (report: BacktestReport, complete: boolean, { out }: Terminal): void => {
  const rest = complete ? '' : '; there are more in this period';
  const last = `Decided ${report.verdicts} stored verdicts anew: ${report.changed} would change${rest}.`;
  out.write(`${reportText(report)}\n\n${last}\n`);
};

export interface RemoteBacktestDeps {
  readonly address: ServiceAddress;
  readonly fetcher: typeof fetch;
  readonly terminal: Terminal;
  readonly now: Date;
}

type Line = { readonly event?: string; readonly code?: string; readonly detail?: string; readonly complete?: boolean };

/** @throws CodedError `unreadable_input` with what the service answered */
export const remoteBacktest = async (
  { address: { url, key }, fetcher, terminal, now }: RemoteBacktestDeps,
  changes: object,
  { tenant, from, to = now, limit }: BacktestTask,
): Promise<number> => {
  const response = await fetcher(`${url}/v1/backtests`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ policy: changes, from, to, limit, tenant }),
  }).catch((cause: unknown) => {
    throw new CodedError('unreadable_input', `No service answers at ${url} (COT_MONITOR_URL)`, { cause });
  });
  const last = (await response.text()).trimEnd().split('\n').at(-1) ?? '';
  let line: Line;
  try {
    line = JSON.parse(last) as Line;
  } catch (cause) {
    throw new CodedError('unreadable_input', `${url} is no cot-monitor of this version`, { cause });
  }
  if (line.event !== 'report') {
    throw new CodedError('unreadable_input', `${url} answered ${response.status}, ${line.code}: ${line.detail}`);
  }
  conclude(line as unknown as BacktestReport, line.complete === true, terminal);
  return 0;
};
