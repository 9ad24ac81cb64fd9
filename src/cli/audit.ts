import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Anchor, AuditReport } from '../record/contract.ts';
import type { ServiceClient } from './remote-client.ts';
import { printable, type Terminal } from './terminal.ts';

// `audit verify`: whether the audit chains are whole, in a store of our own or through a running service.

export interface AuditTask {
  readonly tenant: string | undefined;
  readonly anchor: Anchor | undefined;
}

const ANCHOR = /^([1-9]\d{0,14}):([0-9a-f]{64})$/;

/** The task, or what is wrong with the command line. */
export const readAudit = (args: string[]): AuditTask | string => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { tenant: { type: 'string' }, anchor: { type: 'string' } },
  });
  const { tenant } = values;
  if (positionals.join(' ') !== 'verify') return 'audit takes verify';
  if (values.anchor === undefined) return { tenant, anchor: undefined };
  const [, seq, hash] = ANCHOR.exec(values.anchor) ?? [];
  if (seq === undefined || hash === undefined) return '--anchor takes SEQ:HASH, as an earlier run printed it';
  if (tenant === undefined) return '--anchor needs --tenant: each chain has its own';
  return { tenant, anchor: { seq: Number(seq), hash } };
};

/** Reports of the tenants that were asked for, one after the other. */
export type Auditors = (task: AuditTask) => AsyncIterable<AuditReport>;

export interface AuditedStore {
  verifyAudit(tenant: string, anchor?: Anchor): Promise<AuditReport>;
  chainedTenants(): Promise<readonly string[]>;
}

export const localAuditors = (store: AuditedStore): Auditors =>
  async function* ({ tenant, anchor }) {
    for (const each of tenant === undefined ? await store.chainedTenants() : [tenant]) {
      yield await store.verifyAudit(each, anchor);
    }
  };

const reportSchema = z.object({
  tenant: z.string(),
  entries: z.number(),
  end: z.object({ seq: z.number(), hash: z.string() }).nullable(),
  break: z
    .object({
      seq: z.number(),
      reason: z.enum(['missing', 'altered', 'unlinked', 'headless', 'surplus', 'replaced']),
    })
    .nullable(),
});

export const remoteAuditors = (client: ServiceClient): Auditors =>
  async function* ({ tenant, anchor }) {
    const query = new URLSearchParams({
      ...(tenant === undefined ? {} : { tenant }),
      ...(anchor === undefined ? {} : { anchor: `${anchor.seq}:${anchor.hash}` }),
    });
    yield await client.call('GET', `/v1/audit/verification?${query}`, reportSchema);
  };

/** Resolves to the exit code: 0 where every chain is whole, 1 where one is broken. */
export const verifyAudit = async (auditors: Auditors, task: AuditTask, { out }: Terminal): Promise<number> => {
  let chains = 0;
  let broken = 0;
  for await (const { tenant, entries, end, break: found } of auditors(task)) {
    chains += 1;
    const name = printable(tenant);
    if (found === null) {
      const at = end === null ? '' : `, end ${end.seq}:${end.hash}`;
      out.write(`${name}: whole, ${entries} entries${at}\n`);
    } else {
      broken += 1;
      out.write(`${name}: BROKEN at entry ${found.seq} (${found.reason}); ${entries} entries before it are sound\n`);
    }
  }
  out.write(`Verified ${chains} audit chains: ${broken === 0 ? 'all whole' : `${broken} broken`}.\n`);
  return broken === 0 ? 0 : 1;
};
