// Ways into the audit log for whoever reads it. What an entry says of itself stands in its body, which its hash covers:
// who acted is taken from there by an expression, and not from a column beside it that could be changed unnoticed.

export const auditSearch = {
  version: 6,
  name: 'audit-search',
  statements: [
    'create index audit_log_time on audit_log (tenant, at, seq)',
    'create index audit_log_subject on audit_log (tenant, subject)',
    `create index audit_log_kind on audit_log (tenant, kind, at, seq) where kind <> 'verdict'`,
    `create index audit_log_actor on audit_log
      (tenant, substring(body from '"(?:by|reviewer|assignee)":("(?:[^"\\\\]|\\\\.)*")'), at, seq) where kind <> 'verdict'`,
  ],
} as const;
