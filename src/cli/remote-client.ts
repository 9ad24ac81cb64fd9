import type { z } from 'zod';
import { CodedError } from '../domain/errors.ts';

// A running service, for commands that need the data that it holds.

export interface ServiceClient {
  /** @throws CodedError `unreadable_input` with what the service answered, never what it was sent */
  call<T>(method: 'GET' | 'POST' | 'DELETE', path: string, schema: z.ZodType<T>, body?: unknown): Promise<T>;
}

export interface ServiceAddress {
  /** Without a slash at its end. */
  readonly url: string;
  readonly key: string | undefined;
}

/** A problem document's own words; they never quote what was sent. */
const reasonOf = (body: unknown, status: number): string => {
  const { code, detail } = (body ?? {}) as { code?: unknown; detail?: unknown };
  return typeof code === 'string' && typeof detail === 'string' ? `${status}, ${code}: ${detail}` : `${status}`;
};

/** What asks about another tenant than the key's own; undefined: the key's. */
export const tenantQuery = (tenant: string | undefined): string =>
  tenant === undefined ? '' : `?${new URLSearchParams({ tenant })}`;

/** Fields of a body that are undefined are left out. */
export const createServiceClient = ({ url, key }: ServiceAddress, fetcher: typeof fetch): ServiceClient => ({
  call: async (method, path, schema, body) => {
    let response: Response;
    let answered: unknown;
    try {
      response = await fetcher(`${url}${path}`, {
        method,
        headers: {
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      answered = await response.json().catch(() => undefined);
    } catch (cause) {
      throw new CodedError('unreadable_input', `No service answers at ${url} (COT_MONITOR_URL)`, { cause });
    }
    if (!response.ok) {
      const hint = response.status === 401 && key === undefined ? '; set COT_MONITOR_KEY' : '';
      throw new CodedError(
        'unreadable_input',
        `${url}${path.split('?')[0]} answered ${reasonOf(answered, response.status)}${hint}`,
      );
    }
    const parsed = schema.safeParse(answered);
    if (!parsed.success) throw new CodedError('unreadable_input', `${url} is no cot-monitor of this version`);
    return parsed.data;
  },
});
