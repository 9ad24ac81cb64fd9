import { CompiledQuery, type DatabaseConnection, type Driver, sql, type Transaction } from 'kysely';
import type { Database } from '../schema.ts';
import { APP_ROLE, TENANT_SETTING } from './protect.ts';

// A driver whose every connection works in a transaction of one tenant: role and tenant are set before the first
// statement and end with the transaction, so that nothing of them is left on a pooled connection.

const prelude = (tenant: string, role: boolean): CompiledQuery =>
  role
    ? CompiledQuery.raw('select set_config($1, $2, true), set_config($3, $4, true)', [
        TENANT_SETTING,
        tenant,
        'role',
        APP_ROLE,
      ])
    : CompiledQuery.raw('select set_config($1, $2, true)', [TENANT_SETTING, tenant]);

/**
 * From here on a tenant's transaction acts as the owner of the tables, which alone may write what has no tenant. Last
 * thing before its entry in the chain: nothing of what a caller named may be looked up afterwards.
 */
export const actAsOwner = async (tx: Transaction<Database>): Promise<void> => {
  await sql`select set_config('role', 'none', true), set_config(${TENANT_SETTING}, '', true)`.execute(tx);
};

interface State {
  readonly inner: DatabaseConnection;
  /** `failed`: a statement failed, and nothing of the transaction can be kept. */
  transaction: 'open' | 'failed' | 'ended';
}

/** `inner` is shared, and goes on after this driver. */
export const bindDriver = (inner: Driver, tenant: string, role: boolean): Driver => {
  const states = new WeakMap<DatabaseConnection, State>();
  const stateOf = (connection: DatabaseConnection): State => states.get(connection)!;

  const rollBack = async (state: State): Promise<void> => {
    state.transaction = 'ended';
    await inner.rollbackTransaction(state.inner);
  };

  const wrap = (connection: DatabaseConnection): DatabaseConnection => {
    const state: State = { inner: connection, transaction: 'open' };
    const wrapped: DatabaseConnection = {
      executeQuery: async (query, options) => {
        try {
          return await connection.executeQuery(query, options);
        } catch (error) {
          state.transaction = 'failed';
          throw error;
        }
      },
      streamQuery: (query, size, options) => connection.streamQuery(query, size, options),
    };
    states.set(wrapped, state);
    return wrapped;
  };

  return {
    init: async () => {},
    acquireConnection: async (options) => {
      const connection = await inner.acquireConnection(options);
      try {
        await inner.beginTransaction(connection, {});
        await connection.executeQuery(prelude(tenant, role));
      } catch (error) {
        await inner.rollbackTransaction(connection).catch(() => {});
        await inner.releaseConnection(connection);
        throw error;
      }
      return wrap(connection);
    },
    // It began with the connection.
    beginTransaction: async () => {},
    commitTransaction: async (connection) => {
      const state = stateOf(connection);
      state.transaction = 'ended';
      await inner.commitTransaction(state.inner);
    },
    rollbackTransaction: (connection) => rollBack(stateOf(connection)),
    releaseConnection: async (connection, options) => {
      const state = stateOf(connection);
      try {
        if (state.transaction === 'failed') await rollBack(state).catch(() => {});
        // A statement outside of any transaction of the caller's.
        if (state.transaction === 'open') await inner.commitTransaction(state.inner);
      } finally {
        await inner.releaseConnection(state.inner, options);
      }
    },
    destroy: async () => {},
  };
};
