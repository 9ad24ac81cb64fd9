import { CodedError } from '../domain/errors.ts';
import type { Page } from './contract.ts';

// Keyset pagination: a cursor names the row that a page starts beside, and the direction. Unlike an offset it neither
// skips nor repeats a row when others are inserted meanwhile.

export interface Position {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly id: string;
  /** What a list sorts by before time, where it does. */
  readonly rank?: number;
}

export interface Cursor extends Position {
  readonly direction: 'next' | 'previous';
}

const MAX_LENGTH = 4_096;
/** The end of the year 9999: beyond it an ISO time has a form that PostgreSQL does not read. */
const MAX_TIME = 253_402_300_799_999;

export const encodeCursor = (list: string, { direction, at, id, rank }: Cursor): string =>
  Buffer.from(JSON.stringify([list, direction, at, id, ...(rank === undefined ? [] : [rank])])).toString('base64url');

/**
 * @param isId what the ids of this list look like, where the database would choke on others
 * @throws CodedError `invalid_cursor` for anything that `encodeCursor` did not make for this list.
 */
export const decodeCursor = (list: string, text: string, isId: (id: string) => boolean = () => true): Cursor => {
  const cursor = text.length <= MAX_LENGTH ? parse(text) : null;
  // Base64 has many spellings of the same bytes; only our own is accepted.
  if (cursor === null || encodeCursor(list, cursor) !== text || !isId(cursor.id)) {
    throw new CodedError('invalid_cursor', 'The cursor is not one of ours.');
  }
  return cursor;
};

const parse = (text: string): Cursor | null => {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
  if (!Array.isArray(parts)) return null;
  const [, direction, at, id, rank]: readonly unknown[] = parts;
  if (direction !== 'next' && direction !== 'previous') return null;
  if (typeof at !== 'number' || !Number.isInteger(at) || at < 0 || at > MAX_TIME) return null;
  if (typeof id !== 'string' || !isStorable(id)) return null;
  if (rank === undefined) return { direction, at, id };
  return typeof rank === 'number' ? { direction, at, id, rank } : null;
};

/** An instant as PostgreSQL reads it; what lies outside of any stored time is moved to its edge. */
export const instant = (at: number): string => new Date(Math.min(Math.max(at, 0), MAX_TIME)).toISOString();

/** PostgreSQL's text holds neither NUL nor lone surrogates: a value with either equals nothing that is stored. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000');

/**
 * Makes a page of rows that were read in the cursor's direction, one more than `limit` where there are more. A page
 * reached through a cursor has a way back; the first page has none.
 */
export const toPage = <Row, T>(
  list: string,
  rows: readonly Row[],
  limit: number,
  cursor: Cursor | undefined,
  positionOf: (row: Row) => Position,
  itemOf: (row: Row) => T,
): Page<T> => {
  const more = rows.length > limit;
  const shown = rows.slice(0, limit);
  const backwards = cursor?.direction === 'previous';
  if (backwards) shown.reverse();
  const first = shown[0];
  const last = shown.at(-1);
  const edge = (direction: Cursor['direction'], row: Row | undefined, exists: boolean): string | null =>
    exists && row !== undefined ? encodeCursor(list, { direction, ...positionOf(row) }) : null;
  return {
    items: shown.map(itemOf),
    next: edge('next', last, backwards || more),
    previous: edge('previous', first, backwards ? more : cursor !== undefined),
  };
};
