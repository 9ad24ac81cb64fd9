import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';

// PGlite's own bridge to node-postgres answers one query too many after an error, and from then on every answer goes to
// the wrong question. So Kysely talks to PGlite directly, with the compiler that it uses for PostgreSQL.

const connectTo = (db: PGlite): DatabaseConnection => ({
  executeQuery: async <R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> => {
    const { rows, affectedRows } = await db.query<R>(sql, [...parameters]);
    // PGlite computes on this thread and answers without ever leaving it: sockets and timers get their turn here.
    await nextTurn();
    return affectedRows === undefined ? { rows } : { rows, numAffectedRows: BigInt(affectedRows) };
  },
  streamQuery: () => {
    throw new Error('The embedded store does not stream.');
  },
});

/** One connection, lent to one caller at a time, in the order of asking: a transaction must not mix with a stranger's query. */
const createDriver = (db: PGlite): Driver => {
  const connection = connectTo(db);
  const waiting: (() => void)[] = [];
  let lent = false;
  const command = async (text: string): Promise<void> => {
    await connection.executeQuery(CompiledQuery.raw(text));
  };
  return {
    init: async () => {},
    acquireConnection: async () => {
      if (lent) await new Promise<void>((resolve) => waiting.push(resolve));
      lent = true;
      return connection;
    },
    releaseConnection: async () => {
      const next = waiting.shift();
      if (next === undefined) lent = false;
      else next();
    },
    beginTransaction: () => command('begin'),
    commitTransaction: () => command('commit'),
    rollbackTransaction: () => command('rollback'),
    destroy: () => db.close(),
  };
};

/** Whoever uses the dialect shares its one driver, and with it the one connection. */
export const createEmbeddedDialect = (db: PGlite): Dialect => {
  const driver = createDriver(db);
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driver,
    createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
};
