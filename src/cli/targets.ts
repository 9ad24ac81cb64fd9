import type { ErasureTarget } from '../record/erasure/contract.ts';

// Whose data a command is about: named alike wherever something is erased or held.

export const TARGET_OPTIONS = {
  tenant: { type: 'string' },
  conversation: { type: 'string' },
  label: { type: 'string' },
  everything: { type: 'boolean', default: false },
  reason: { type: 'string' },
} as const;

export interface TargetValues {
  readonly tenant?: string | undefined;
  readonly conversation?: string | undefined;
  readonly label?: string | undefined;
  readonly everything: boolean;
  readonly reason?: string | undefined;
}

export interface NamedTarget {
  readonly tenant: string | undefined;
  readonly target: ErasureTarget;
  readonly reason: string;
}

export const isName = (text: string): boolean =>
  text !== '' && text.length <= 256 && text.isWellFormed() && !/\p{Cc}/u.test(text);

/** The target, or what is wrong with the command line. */
export const readTarget = (command: string, values: TargetValues): NamedTarget | string => {
  const { tenant, conversation, label, everything, reason } = values;
  const asked = [conversation !== undefined, label !== undefined, everything].filter(Boolean).length;
  if (asked !== 1) return `${command} takes one of --conversation ID, --label NAME=VALUE and --everything`;
  if (reason === undefined || !isName(reason)) return `${command} needs --reason`;
  if (tenant !== undefined && !isName(tenant)) return '--tenant takes a name without control characters';
  // Nobody should empty, or freeze, the default tenant because a name was forgotten.
  if (everything)
    return tenant === undefined ? '--everything needs --tenant' : { tenant, target: { kind: 'tenant' }, reason };
  if (conversation !== undefined) return { tenant, target: { kind: 'conversation', id: conversation }, reason };
  const [, name = '', value = ''] = /^([^=]+)=(.+)$/s.exec(label ?? '') ?? [];
  return name === '' ? '--label takes NAME=VALUE' : { tenant, target: { kind: 'label', name, value }, reason };
};
