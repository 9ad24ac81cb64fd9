import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Erased, Erasure } from '../record/erasure/contract.ts';
import type { ServiceClient } from './remote-client.ts';
import { type NamedTarget, readTarget, TARGET_OPTIONS } from './targets.ts';
import type { Terminal } from './terminal.ts';

// `erase`: takes the words of traces, in a store of our own or through a running service.

export interface EraseTask extends NamedTarget {
  readonly skipHeld: boolean;
}

/** The task, or what is wrong with the command line. */
export const readErase = (args: string[]): EraseTask | string => {
  const { values } = parseArgs({
    args,
    options: { ...TARGET_OPTIONS, 'skip-held': { type: 'boolean', default: false } },
  });
  const named = readTarget('erase', values);
  return typeof named === 'string' ? named : { ...named, skipHeld: values['skip-held'] };
};

type Erase = (task: EraseTask) => Promise<Erased>;

/** @param own the tenant where none is named */
export const localErase =
  (store: { erase(erasure: Erasure): Promise<Erased> }, own: string): Erase =>
  ({ tenant = own, ...task }) =>
    store.erase({ tenant, ...task, by: 'command line' });

export const remoteErase =
  (client: ServiceClient): Erase =>
  (task) =>
    client.call('POST', '/v1/erasures', z.object({ id: z.string(), traces: z.number(), held: z.number() }), task);

export const eraseWords = async (erase: Erase, task: EraseTask, { out }: Terminal): Promise<number> => {
  const { id, traces, held } = await erase(task);
  const left = held === 0 ? '' : ` ${held} more are under a legal hold and stay.`;
  out.write(`Erased the words of ${traces} traces; the audit chain has it as ${id}.${left}\n`);
  return 0;
};
