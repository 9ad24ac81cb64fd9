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
