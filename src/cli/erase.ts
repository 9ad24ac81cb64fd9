import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Erased, Erasure, ErasureTarget } from '../record/contract.ts';
import type { ServiceClient } from './remote-client.ts';
import type { Terminal } from './terminal.ts';

// `erase`: takes the words of traces, in a store of our own or through a running service.

export interface EraseTask {
  readonly tenant: string | undefined;
  readonly target: ErasureTarget;
  readonly reason: string;
}

const isName = (text: string): boolean =>
  text !== '' && text.length <= 256 && text.isWellFormed() && !/\p{Cc}/u.test(text);

/** The task, or what is wrong with the command line. */
export const readErase = (args: string[]): EraseTask | string => {
  const { values } = parseArgs({
    args,
    options: {
      tenant: { type: 'string' },
      conversation: { type: 'string' },
      label: { type: 'string' },
      everything: { type: 'boolean', default: false },
      reason: { type: 'string' },
    },
  });
  const { tenant, conversation, label, everything, reason } = values;
  const asked = [conversation !== undefined, label !== undefined, everything].filter(Boolean).length;
  if (asked !== 1) return 'erase takes one of --conversation ID, --label NAME=VALUE and --everything';
  if (reason === undefined || !isName(reason)) return 'erase needs --reason';
  if (tenant !== undefined && !isName(tenant)) return '--tenant takes a name without control characters';
  // Nobody should empty the default tenant because a name was forgotten.
  if (everything)
    return tenant === undefined ? '--everything needs --tenant' : { tenant, target: { kind: 'tenant' }, reason };
  if (conversation !== undefined) return { tenant, target: { kind: 'conversation', id: conversation }, reason };
  const [, name = '', value = ''] = /^([^=]+)=(.+)$/s.exec(label ?? '') ?? [];
  return name === '' ? '--label takes NAME=VALUE' : { tenant, target: { kind: 'label', name, value }, reason };
};

type Erase = (task: EraseTask) => Promise<Erased>;

/** @param own the tenant where none is named */
export const localErase =
  (store: { erase(erasure: Erasure): Promise<Erased> }, own: string): Erase =>
  ({ tenant = own, target, reason }) =>
    store.erase({ tenant, target, reason, by: 'command line' });

export const remoteErase =
  (client: ServiceClient): Erase =>
  ({ tenant, ...task }) =>
    client.call('POST', '/v1/erasures', z.object({ id: z.string(), traces: z.number() }), {
      ...task,
      ...(tenant === undefined ? {} : { tenant }),
    });

export const eraseWords = async (erase: Erase, task: EraseTask, { out }: Terminal): Promise<number> => {
  const { id, traces } = await erase(task);
  out.write(`Erased the words of ${traces} traces; the audit chain has it as ${id}.\n`);
  return 0;
};
