import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Holds, LegalHold } from '../record/retention/contract.ts';
import { type ServiceClient, tenantQuery } from './remote-client.ts';
import { isName, type NamedTarget, readTarget, TARGET_OPTIONS } from './targets.ts';
import { printable, type Terminal, table } from './terminal.ts';

// `holds`: places, lists and releases legal holds, in a store of our own or through a running service.

export type HoldsTask =
  | ({ readonly action: 'place' } & NamedTarget)
  | { readonly action: 'list'; readonly tenant: string | undefined }
  | {
      readonly action: 'release';
      readonly tenant: string | undefined;
      readonly id: string;
      readonly reason: string;
    };

/** The task, or what is wrong with the command line. */
export const readHolds = (args: string[]): HoldsTask | string => {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: TARGET_OPTIONS });
  const [action, ...rest] = positionals;
  const { tenant, reason, conversation, label, everything } = values;
  if (tenant !== undefined && !isName(tenant)) return '--tenant takes a name without control characters';
  if (rest.length !== (action === 'release' ? 1 : 0)) {
    return action === 'release' ? 'holds release needs one id' : `there is nothing to name after holds ${action}`;
  }
  if (action === 'place') {
    const named = readTarget('holds place', values);
    return typeof named === 'string' ? named : { action, ...named };
  }
  if ((conversation ?? label) !== undefined || everything) return 'what is held is named by holds place alone';
  if (action === 'list') return reason === undefined ? { action, tenant } : '--reason belongs to place and release';
  if (action !== 'release') return 'holds takes place, list or release';
  if (reason === undefined || !isName(reason)) return 'holds release needs --reason';
  return { action, tenant, id: rest[0]!, reason };
};

/** Tenant undefined: the caller's own. */
export interface HoldDesk {
  place(named: NamedTarget): Promise<LegalHold>;
  list(tenant: string | undefined): Promise<readonly LegalHold[]>;
  release(tenant: string | undefined, id: string, reason: string): Promise<LegalHold | 'released' | null>;
}

const BY = 'command line';

/** @param own the tenant where none is named */
export const localHoldDesk = (holds: Holds, own: string): HoldDesk => ({
  place: ({ tenant = own, target, reason }) => holds.place(tenant, target, reason, BY),
  list: (tenant = own) => holds.list(tenant, {}),
  release: (tenant = own, id, reason) => holds.release(tenant, id, reason, BY),
});

const instantSchema = z.coerce.date();

const holdSchema = z.object({
  id: z.string(),
  target: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('conversation'), id: z.string() }),
    z.object({ kind: z.literal('label'), name: z.string(), value: z.string() }),
    z.object({ kind: z.literal('tenant') }),
  ]),
  reason: z.string(),
  placedBy: z.string(),
  placedAt: instantSchema,
  releasedBy: z.string().nullable(),
  releasedAt: instantSchema.nullable(),
  releaseReason: z.string().nullable(),
}) satisfies z.ZodType<LegalHold>;

export const remoteHoldDesk = (client: ServiceClient): HoldDesk => ({
  place: ({ tenant, target, reason }) => client.call('POST', '/v1/holds', holdSchema, { target, reason, tenant }),
  list: async (tenant) =>
    (await client.call('GET', `/v1/holds${tenantQuery(tenant)}`, z.object({ items: z.array(holdSchema) }))).items,
  release: (tenant, id, reason) =>
    client.call('POST', `/v1/holds/${encodeURIComponent(id)}/release`, holdSchema, { reason, tenant }),
});

const nameOf = ({ target }: LegalHold): string =>
  target.kind === 'conversation'
    ? `conversation ${target.id}`
    : target.kind === 'label'
      ? `label ${target.name}=${target.value}`
      : 'everything';

const minute = (at: Date | null): string => at?.toISOString().slice(0, 16).replace('T', ' ') ?? '';

export const manageHolds = async (desk: HoldDesk, task: HoldsTask, { out, err }: Terminal): Promise<number> => {
  switch (task.action) {
    case 'place': {
      const hold = await desk.place(task);
      out.write(`Placed hold ${hold.id} on ${printable(nameOf(hold))}.\n`);
      return 0;
    }
    case 'list': {
      const holds = await desk.list(task.tenant);
      const rows = holds.map((hold) => [
        hold.id,
        printable(nameOf(hold)),
        printable(hold.reason),
        minute(hold.placedAt),
        printable(hold.placedBy),
        minute(hold.releasedAt),
      ]);
      out.write(`${table(['id', 'what', 'why', 'placed', 'by', 'released'], rows)}\n`);
      const open = holds.filter(({ releasedAt }) => releasedAt === null).length;
      out.write(`\n${holds.length} legal holds, ${open} of them in force.\n`);
      return 0;
    }
    case 'release': {
      const hold = await desk.release(task.tenant, task.id, task.reason);
      if (hold === null || hold === 'released') {
        err.write(hold === null ? 'No legal hold of that id is known.\n' : 'That legal hold is over already.\n');
        return 1;
      }
      out.write(`Released hold ${hold.id} on ${printable(nameOf(hold))}.\n`);
      return 0;
    }
  }
};
