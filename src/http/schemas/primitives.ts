import { z } from 'zod';
import { MAX_NAME_LENGTH } from '../../domain/limits.ts';

/** Lower-case hex SHA-256. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

export const shareSchema = z.number().min(0).max(1);

export const instantSchema = z.iso.datetime({ offset: true });

/** A `+` that was not escaped arrives as a blank; in an instant it can only have been the sign of the offset. */
const mendPlus = (value: unknown): unknown => (typeof value === 'string' ? value.replace(' ', '+') : value);

/** An instant in a query, as a Date. */
export const instantParameter = z
  .preprocess(mendPlus, z.iso.datetime({ offset: true, error: 'must be an ISO 8601 instant with an offset' }))
  .transform((text) => new Date(text))
  .optional();

/** An id or name as callers write it in an address. None that is stored holds control characters. */
export const nameSchema = z
  .string()
  .min(1, 'must not be empty')
  .max(MAX_NAME_LENGTH, `must be at most ${MAX_NAME_LENGTH} characters`)
  .refine((text) => !/\p{Cc}/u.test(text), 'must not hold control characters');

/** Whose, where a caller may name somebody else. */
export const otherTenantSchema = nameSchema
  .optional()
  .describe("Another tenant than the caller's own: for the first admin key alone.");

/** Of routes that take no parameters: any is then a mistake, and named. */
export const noQuerySchema = z.strictObject({});

/** Lists answer in this envelope. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item).readonly(),
    next: z.string().nullable().describe('Cursor of the next page; null on the last.'),
    previous: z.string().nullable().describe('Cursor of the previous page; null on the first.'),
  });
