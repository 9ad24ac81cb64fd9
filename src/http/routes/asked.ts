import type { Access } from '../../record/contract.ts';

// What somebody asked a list for, as the audit log notes it.

type Value = Date | string | number | boolean | undefined | readonly (string | number)[];

/** Free text may be a sentence of the trace that is looked for: that there was one is all that is noted. */
const UNTOLD = new Set(['q']);

export const askedFor = (query: Readonly<Record<string, Value>>): NonNullable<Access['details']> =>
  Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => {
      if (value === undefined || name === 'cursor' || name === 'limit') return [];
      if (UNTOLD.has(name)) return [[name, true]];
      if (value instanceof Date) return [[name, value.toISOString()]];
      return [[name, typeof value === 'object' ? value.join(',') : value]];
    }),
  );
