import type { Finding } from './finding.ts';
import type { Trace } from './trace.ts';

// A suppression silences what is known and accepted, for a time: what it covers is stored, counted and shown as such, and
// raises no alert.

export const SUPPRESSION_KINDS = ['rule', 'category', 'model', 'conversation'] as const;
export type SuppressionKind = (typeof SUPPRESSION_KINDS)[number];

export interface Suppression {
  readonly id: string;
  readonly kind: SuppressionKind;
  /** Id of a rule, name of a category, `name` or `name@version` of a model, id of a conversation. */
  readonly value: string;
}

type Place = Pick<Trace, 'model' | 'conversationId'>;

/** Whether a finding in a trace falls under a suppression. */
export const covers = ({ kind, value }: Suppression, trace: Place, finding: Finding): boolean => {
  switch (kind) {
    case 'rule':
      return finding.detector.rule === value;
    case 'category':
      return finding.category === value;
    case 'model':
      return trace.model.name !== null && (trace.model.name === value || modelKey(trace.model) === value);
    case 'conversation':
      return trace.conversationId === value;
  }
};

/** How one version of a model is named in queries and reports. */
export const modelKey = ({ name, version }: Pick<Trace['model'], 'name' | 'version'>): string =>
  version === null ? (name ?? '') : `${name ?? ''}@${version}`;
