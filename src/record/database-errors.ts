import { CodedError } from '../domain/errors.ts';

// Which failures are the database's state (try again: nothing is wrong with the record) and which are the record's own.

/** Connection, resources, operator intervention, read-only after a failover, system errors of the server. */
const UNAVAILABLE_CLASSES = ['08', '28', '3D', '53', '57', '58'];

const UNAVAILABLE_STATES = new Set(['25006', '25P03', '25P04', '40001', '40P01', '55P03']);

/** Bugs of ours must not look like an outage, or they would be retried for ever. */
const BUGS = [TypeError, RangeError, ReferenceError, SyntaxError];

/** The SQLSTATE of an error of the server, null for anything else (EPIPE looks like one, but none begins with E). */
export const sqlState = (error: unknown): string | null => {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return error instanceof Error && typeof code === 'string' && /^[0-9A-DF-Z][0-9A-Z]{4}$/.test(code) ? code : null;
};

const isUnavailable = (error: unknown): boolean => {
  const state = sqlState(error);
  if (state !== null) {
    return UNAVAILABLE_STATES.has(state) || UNAVAILABLE_CLASSES.some((prefix) => state.startsWith(prefix));
  }
  return error instanceof Error && !BUGS.some((bug) => error instanceof bug);
};

/** Deadlock and serialisation failure: the same transaction may pass a moment later. */
export const isTransient = (error: unknown): boolean => ['40001', '40P01'].includes(sqlState(error) ?? '');

/** A row for which there is no partition. PostgreSQL has no state of its own for it; no table here has a check. */
export const isPartitionMissing = (error: unknown): boolean => sqlState(error) === '23514';

/** The server's message can quote a row: it stays in `cause`, and the message names the state alone. */
export const codedDatabaseError = (error: unknown): CodedError => {
  if (error instanceof CodedError) return error;
  if (isUnavailable(error)) {
    return new CodedError('store_unavailable', 'The store cannot be reached.', { cause: error, retryAfter: 1 });
  }
  const state = sqlState(error);
  return new CodedError('internal', `The store refused a statement${state === null ? '' : ` (${state})`}.`, {
    cause: error,
  });
};
