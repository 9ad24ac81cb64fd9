import { z } from 'zod';

// What the queries of lists have in common.

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** Most alternatives of one filter. */
const MAX_ALTERNATIVES = 50;

/** `?a=1&a=2` and `?a=1,2` mean the same. */
const splitList = (value: unknown): unknown =>
  value === undefined ? undefined : (Array.isArray(value) ? value : [value]).flatMap((v) => String(v).split(','));

export const list = <T extends z.ZodType>(item: T) =>
  z
    .preprocess(
      splitList,
      z.array(item).min(1).max(MAX_ALTERNATIVES, `must be at most ${MAX_ALTERNATIVES} values`).optional(),
    )
    .optional();

const wholeNumber = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;

const LIMIT_MESSAGE = `must be a whole number from 1 to ${MAX_LIMIT}`;

export const inOrder = ({ from, to }: { readonly from?: Date | undefined; readonly to?: Date | undefined }): boolean =>
  from === undefined || to === undefined || from < to;

export const OUT_OF_ORDER = { path: ['to'], message: 'must be later than from' };

export const pageParameters = {
  limit: z.preprocess(
    wholeNumber,
    z.int(LIMIT_MESSAGE).min(1, LIMIT_MESSAGE).max(MAX_LIMIT, LIMIT_MESSAGE).default(DEFAULT_LIMIT),
  ),
  cursor: z.string().optional().describe('`next` or `previous` of an earlier answer to the same query, unchanged.'),
};

/** Of lists without filters. */
export const pageQuerySchema = z.strictObject(pageParameters);
