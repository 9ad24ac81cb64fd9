import { CodedError } from '../domain/errors.ts';
import { MAX_DEPTH } from '../domain/limits.ts';

// Reading untrusted JSON. Only named keys are ever read, on objects that JSON.parse made, where `__proto__` is a key like
// any other.

export type Json = { readonly [key: string]: unknown };

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value if it is an object (not an array), else null. */
export const asObject = (value: unknown): Json | null => (isObject(value) ? value : null);

const NOTHING: readonly unknown[] = Object.freeze([]);

/** The value if it is an array, else an empty one. */
export const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : NOTHING);

/** The value if it is a string that is not empty, else null. */
export const asText = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** One key as a reference token of a JSON pointer (RFC 6901 §3). */
export const pointerToken = (key: string): string =>
  key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;

/** Throws `too_deep` for nesting beyond MAX_DEPTH, so that whatever follows may recurse. */
export const requireShallow = (payload: unknown): void => {
  if (typeof payload === 'object' && payload !== null && isDeeper(payload, MAX_DEPTH)) {
    throw new CodedError('too_deep', `The payload is nested more than ${MAX_DEPTH} levels deep.`);
  }
};

const isDeeper = (value: object, allowed: number): boolean => {
  if (allowed === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && item !== null && isDeeper(item, allowed - 1)) return true;
    return false;
  }
  const object = value as Json;
  for (const key in object) {
    const item = object[key];
    if (typeof item === 'object' && item !== null && isDeeper(item, allowed - 1)) return true;
  }
  return false;
};

/** What servers put beside readable results and nobody can read. */
const CIPHERTEXT = new Set(['encrypted_content', 'encrypted_index', 'encrypted_stdout', 'image_url']);

const withoutCiphertext = (key: string, value: unknown): unknown => (CIPHERTEXT.has(key) ? undefined : value);

/** Text of a value that is not text: strings as they are, nothing for null, the rest as JSON. */
export const serialise = (value: unknown): string => {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : (JSON.stringify(value) ?? '');
};

/** As `serialise`, without the ciphertext and pictures that hosted tools return beside their results. */
export const serialiseReadable = (value: unknown): string =>
  isObject(value) || Array.isArray(value) ? (JSON.stringify(value, withoutCiphertext) ?? '') : serialise(value);

/** The parsed value of a string that should hold JSON, or undefined where it does not. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
