import { z } from 'zod';

// The kinds of values that variables hold, each with the words in which a wrong one is refused.

export interface Variable<T> {
  readonly schema: z.ZodType<T, string | undefined>;
  readonly doc: string;
  readonly secret: boolean;
}

export const variable = <T>(schema: z.ZodType<T, string | undefined>, doc: string): Variable<T> => ({
  schema,
  doc,
  secret: false,
});
export const secret = <T>(schema: z.ZodType<T, string | undefined>, doc: string): Variable<T> => ({
  schema,
  doc,
  secret: true,
});

export const text = (fallback: string) => z.string().default(fallback);
export const optionalText = () => z.string().optional();
export const whole = (fallback: number, min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
    .or(z.undefined().transform(() => fallback));
export const share = (fallback: number) =>
  z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'must be a number between 0 and 1')
    .transform(Number)
    .or(z.undefined().transform(() => fallback));
export const flag = (fallback: boolean) =>
  z
    .enum(['true', 'false'], 'must be true or false')
    .transform((v) => v === 'true')
    .or(z.undefined().transform(() => fallback));
export const choice = <const T extends readonly [string, ...string[]]>(values: T, fallback: T[number]) =>
  z.enum(values, `must be one of ${values.join(', ')}`).default(fallback as never);
const words = (v: string): string[] =>
  v
    .split(',')
    .map((s) => s.trim())
    .filter((s) => s !== '');
export const list = (fallback = '') =>
  z
    .string()
    .transform(words)
    .or(z.undefined().transform((): string[] => words(fallback)));

/** US dollars per million tokens. */
export const price = () =>
  z
    .string()
    .regex(/^\d{1,6}(\.\d{1,6})?$/, 'must be a number of US dollars')
    .transform(Number)
    .optional();

export const MINUTE = 60_000;
