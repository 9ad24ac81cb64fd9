import { z } from 'zod';
import { SCOPES, type Scope } from '../domain/access.ts';
import type { ApiKey, Keys } from '../record/contract.ts';
import { type ServiceClient, tenantQuery } from './remote-client.ts';
import { printable, type Terminal, table } from './terminal.ts';

// `keys`: makes, lists and revokes API keys, in a store of our own or through a running service.

export type KeysTask =
  | {
      readonly action: 'create';
      readonly tenant: string | undefined;
      readonly name: string;
      readonly scopes: readonly Scope[];
      readonly expiresInDays: number | undefined;
    }
  | { readonly action: 'list'; readonly tenant: string | undefined }
  | { readonly action: 'revoke'; readonly tenant: string | undefined; readonly id: string };

/** Tenant undefined: the caller's own. */
export interface KeyDesk {
  create(
    tenant: string | undefined,
    key: { readonly name: string; readonly scopes: readonly Scope[]; readonly expiresAt: Date | null },
  ): Promise<{ readonly key: ApiKey; readonly secret: string }>;
  list(tenant: string | undefined): Promise<readonly ApiKey[]>;
  revoke(tenant: string | undefined, id: string): Promise<ApiKey | null>;
}

const BY = 'command line';

/** @param own the tenant where none is named */
export const localKeyDesk = (keys: Keys, own: string): KeyDesk => ({
  create: (tenant = own, key) => keys.create({ ...key, tenant, by: BY }),
  list: (tenant = own) => keys.list(tenant),
  revoke: (tenant = own, id) => keys.revoke(tenant, id, BY),
});

const instantSchema = z.coerce.date();

const keySchema = z.object({
  id: z.string(),
  tenant: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  createdAt: instantSchema,
  createdBy: z.string(),
  expiresAt: instantSchema.nullable(),
  revokedAt: instantSchema.nullable(),
  lastUsedAt: instantSchema.nullable(),
});

export const remoteKeyDesk = (client: ServiceClient): KeyDesk => ({
  create: (tenant, { name, scopes, expiresAt }) =>
    client.call('POST', '/v1/keys', z.object({ key: keySchema, secret: z.string() }), {
      name,
      scopes,
      tenant,
      expiresAt: expiresAt?.toISOString(),
    }),
  list: async (tenant) =>
    (await client.call('GET', `/v1/keys${tenantQuery(tenant)}`, z.object({ items: z.array(keySchema) }))).items,
  revoke: (tenant, id) => client.call('DELETE', `/v1/keys/${encodeURIComponent(id)}${tenantQuery(tenant)}`, keySchema),
});

const DAY_MS = 86_400_000;

const day = (at: Date | null, otherwise: string): string =>
  at?.toISOString().slice(0, 16).replace('T', ' ') ?? otherwise;

const stateOf = ({ revokedAt, expiresAt }: ApiKey, now: Date): string =>
  revokedAt !== null ? 'revoked' : expiresAt !== null && expiresAt <= now ? 'expired' : 'alive';

/** The secret goes to standard output alone, so that `keys create > file` keeps it off the screen. */
export const manageKeys = async (desk: KeyDesk, task: KeysTask, now: Date, terminal: Terminal): Promise<number> => {
  const { out, err } = terminal;
  switch (task.action) {
    case 'create': {
      const { tenant, name, scopes, expiresInDays } = task;
      const expiresAt = expiresInDays === undefined ? null : new Date(now.getTime() + expiresInDays * DAY_MS);
      const made = await desk.create(tenant, { name, scopes, expiresAt });
      out.write(`${made.secret}\n`);
      err.write(
        `Made key ${made.key.id} for tenant ${printable(made.key.tenant)} (${made.key.scopes.join(', ')}). It is shown this once.\n`,
      );
      return 0;
    }
    case 'list': {
      const keys = await desk.list(task.tenant);
      const rows = keys.map((key) => [
        key.id,
        printable(key.name),
        key.scopes.join(','),
        stateOf(key, now),
        day(key.createdAt, ''),
        day(key.expiresAt, 'never'),
        day(key.lastUsedAt, 'never'),
      ]);
      out.write(`${table(['id', 'name', 'scopes', 'state', 'created', 'expires', 'last used'], rows)}\n`);
      const alive = keys.filter((key) => stateOf(key, now) === 'alive').length;
      out.write(`\n${keys.length} keys, ${alive} of them alive.\n`);
      return 0;
    }
    case 'revoke': {
      const key = await desk.revoke(task.tenant, task.id);
      if (key === null) {
        err.write('No key of that id is known.\n');
        return 1;
      }
      out.write(`Key ${key.id} is revoked; replicas refuse it within ten seconds.\n`);
      return 0;
    }
  }
};
