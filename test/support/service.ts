import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

// The real service as a process of its own, to be killed, starved and stopped.

export interface RunningService {
  readonly address: string;
  readonly process: ChildProcess;
  /** Everything it wrote so far, log and banner. */
  output(): string;
  kill(signal: NodeJS.Signals): Promise<number | null>;
  get(path: string): Promise<{ readonly status: number; readonly body: unknown }>;
  post(body: unknown): Promise<{ readonly status: number; readonly body: unknown }>;
}

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

/** Ids of the running process's environment that a service under test must not inherit. */
const FOREIGN = /^(KAFKA_|DATABASE_|JUDGE_|VITEST|NODE_ENV$|NODE_OPTIONS$)/;

const spawnService = (
  env: Readonly<Record<string, string>>,
  command = 'serve',
): { child: ChildProcess; output: () => string } => {
  const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  const child = spawn(process.execPath, [MAIN, command], {
    env: { ...Object.fromEntries(inherited), PORT: '0', LOG_LEVEL: 'warn', WORKER_THREADS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr!.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  return { child, output: () => output };
};

/** Runs a command until it ends by itself; `serve` for starts that must fail. */
export const runToEnd = async (
  env: Readonly<Record<string, string>>,
  command = 'serve',
): Promise<{ code: number | null; output: string }> => {
  const { child, output } = spawnService(env, command);
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, output: output() };
};

export const startService = async (env: Readonly<Record<string, string>>): Promise<RunningService> => {
  const { child, output } = spawnService(env);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const kill = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    const [code] = await exited;
    return code;
  };
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) await kill('SIGKILL');
  });
  let address: string | undefined;
  while (address === undefined) {
    if (child.exitCode !== null) throw new Error(`the service did not start:\n${output()}`);
    address = /metrics\s+(http:\/\/\S+)\/metrics/.exec(output())?.[1];
    await wait(20);
  }
  const base = address;
  const read = async (response: Response) => ({ status: response.status, body: (await response.json()) as unknown });
  return {
    address: base,
    process: child,
    output,
    kill,
    get: async (path) => read(await fetch(`${base}${path}`)),
    post: async (body) =>
      read(
        await fetch(`${base}/v1/monitor`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      ),
  };
};
