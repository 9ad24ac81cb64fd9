// What the audit log knows of. An entry is of one kind, and about one thing.

export const AUDIT_KINDS = [
  'verdict',
  'view',
  'export',
  'review',
  'suppression',
  'key',
  'hold',
  'erasure',
  'retention',
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** What retention takes, each for itself. */
export const RETAINED_KINDS = ['text', 'words', 'verdicts'] as const;
export type RetainedKind = (typeof RETAINED_KINDS)[number];
