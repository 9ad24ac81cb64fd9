import { z } from 'zod';
import { MAX_NAME_LENGTH } from '../domain/limits.ts';

// Identifiers end up in keys, labels, logs and PostgreSQL text, which holds neither NUL nor lone surrogates. A caller who
// writes our own body is told; a provider's odd name is mended instead, because a trace must not be lost over it.

const CONTROL = /\p{Cc}/u;
const CONTROLS = /\p{Cc}/gu;
const REPLACEMENT = '\uFFFD';

/** Strict: what a caller may name. */
export const nameSchema = (allowEmpty: boolean) =>
  z
    .string('must be a string')
    .min(allowEmpty ? 0 : 1, 'must not be empty')
    .max(MAX_NAME_LENGTH, `must not be longer than ${MAX_NAME_LENGTH} characters`)
    .refine((name) => !CONTROL.test(name), 'must not hold control characters')
    .refine((name) => name.isWellFormed(), 'must not hold lone surrogates');

/** Lenient: a provider's name, with what we cannot keep replaced, cut to MAX_NAME_LENGTH; null where there is none. */
export const mendName = (value: unknown): string | null => {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string' || value === '') return null;
  const cut = value.length > MAX_NAME_LENGTH ? value.slice(0, MAX_NAME_LENGTH) : value;
  return (CONTROL.test(cut) ? cut.replace(CONTROLS, REPLACEMENT) : cut).toWellFormed();
};

const MAX_POINTER_LENGTH = 512;

/** A pointer that is safe to keep and to show although a hostile key may stand in it. Longer ones lose their end. */
export const mendPointer = (pointer: string): string =>
  (pointer.length > MAX_POINTER_LENGTH ? `${pointer.slice(0, MAX_POINTER_LENGTH)}…` : pointer)
    .replace(CONTROLS, REPLACEMENT)
    .toWellFormed();
