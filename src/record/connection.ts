import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dialect, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Logger } from '../observe/log.ts';
import { createEmbeddedDialect } from './embedded-driver.ts';
import { lockDirectory } from './embedded-lock.ts';
import type { Database } from './schema.ts';

export interface PoolUse {
  readonly limit: number;
  readonly active: number;
  readonly idle: number;
  /** Requests that wait for a connection. */
  readonly waiting: number;
}

export interface Connection {
  readonly kind: 'postgres' | 'embedded';
  readonly db: Kysely<Database>;
  /** Of the same connections as `db`. */
  readonly dialect: Dialect;
  /** Null where there is no pool. */
  connections(): PoolUse | null;
  close(): Promise<void>;
}

const CONNECT_MS = 5_000;
const STATEMENT_MS = 30_000;
/** A little longer than the server's own limit: it ends a wait for a server that no longer answers at all. */
const ANSWER_MS = 35_000;
/** A relay that hangs while it publishes gives its messages back. */
const IDLE_IN_TRANSACTION_MS = 60_000;

export const connectPostgres = (url: string, poolSize: number, log: Logger): Connection => {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    application_name: 'cot-monitor',
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: ANSWER_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
  });
  // An idle client whose server went away raises `error` on the pool, and an `error` without a listener ends the process.
  // The pool has dropped the client already and opens another when one is needed: nothing to do but to say so.
  pool.on('error', (error) => log.warn({ component: 'store', error }, 'an idle connection was lost'));
  // The pool listens to idle clients only. A client that is lost while it is lent out fails its query, which is how we
  // hear of it, and then raises `error` as well, on itself.
  pool.on('connect', (client) => client.on('error', () => {}));
  const dialect = new PostgresDialect({ pool });
  return {
    kind: 'postgres',
    db: new Kysely<Database>({ dialect }),
    dialect,
    connections: () => ({
      limit: poolSize,
      active: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
    close: () => pool.end(),
  };
};

/** @throws CodedError `store_locked` where another process has the folder open. */
export const connectEmbedded = async (dataDir: string): Promise<Connection> => {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(dataDir);
  try {
    // Loaded here alone: it brings half a gigabyte of memory with it, which a service on PostgreSQL never needs.
    const { PGlite } = await import('@electric-sql/pglite');
    const pglite = await PGlite.create(join(dataDir, 'pglite'));
    const dialect = createEmbeddedDialect(pglite);
    return {
      kind: 'embedded',
      db: new Kysely<Database>({ dialect }),
      dialect,
      connections: () => null,
      close: async () => {
        await pglite.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
};
