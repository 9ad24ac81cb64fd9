import { parseArgs } from 'node:util';
import { z } from 'zod';
import { SCOPES, type Scope } from '../domain/access.ts';
import { MAX_NAME_LENGTH } from '../domain/limits.ts';
import type { KeysTask } from './keys.ts';

/** The task, or what is wrong with the command line. */
type Read = { readonly task: KeysTask } | { readonly problem: string };

const daysSchema = z.coerce.number().int().min(1).max(36_500);

const isScope = (text: string): text is Scope => SCOPES.some((scope) => scope === text);

const isName = (text: string): boolean =>
  text !== '' && text.length <= MAX_NAME_LENGTH && text.isWellFormed() && !/\p{Cc}/u.test(text);

const OPTIONS = {
  tenant: { type: 'string' },
  name: { type: 'string' },
  scopes: { type: 'string' },
  'expires-in': { type: 'string' },
} as const;

/** Options of one action mean nothing to another. */
const strangers = (values: object, known: readonly string[]): string | undefined =>
  Object.keys(values).find((name) => name !== 'tenant' && !known.includes(name));

export const readKeys = (args: string[]): Read => {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: OPTIONS });
  const [action, ...rest] = positionals;
  const { tenant, name, scopes: named } = values;
  if (tenant !== undefined && !isName(tenant)) return { problem: '--tenant takes a name without control characters' };
  const stray = strangers(values, action === 'create' ? ['name', 'scopes', 'expires-in'] : []);
  if (stray !== undefined) return { problem: `--${stray} belongs to keys create` };
  if (rest.length !== (action === 'revoke' ? 1 : 0)) {
    return {
      problem: action === 'revoke' ? 'keys revoke needs one id' : `there is nothing to name after keys ${action}`,
    };
  }
  switch (action) {
    case 'list':
      return { task: { action, tenant } };
    case 'revoke':
      return { task: { action, tenant, id: rest[0]! } };
    case 'create': {
      if (name === undefined || !isName(name)) return { problem: 'keys create needs --name' };
      const scopes = [...new Set((named ?? '').split(',').map((scope) => scope.trim()))];
      if (!scopes.every(isScope)) return { problem: `--scopes takes a list of ${SCOPES.join(', ')}` };
      const days = daysSchema.optional().safeParse(values['expires-in']);
      if (!days.success) return { problem: '--expires-in takes a whole number of days' };
      return { task: { action, tenant, name, scopes, expiresInDays: days.data } };
    }
    default:
      return { problem: 'keys takes create, list or revoke' };
  }
};
