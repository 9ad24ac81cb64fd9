import { z } from 'zod';
import type { Rule } from './rule.ts';

// The lock file ties a rule's id, version and content together: whoever changes a rule raises its version, so that a
// verdict's "rule 3f…, version 2" means one thing for good.

export const lockSchema = z.record(
  z.uuid(),
  z.strictObject({ slug: z.string(), version: z.int().min(1), hash: z.string() }),
);
export type RuleLock = z.output<typeof lockSchema>;

/** What is wrong between rules and lock file; empty where they agree. */
export const compareLock = (rules: readonly Rule[], lock: RuleLock): string[] => {
  const problems: string[] = [];
  const ids = new Set(rules.map((r) => r.id));
  for (const rule of rules) {
    const locked = lock[rule.id];
    if (locked === undefined) problems.push(`${rule.slug} is not in the lock file`);
    else if (locked.version > rule.version) problems.push(`${rule.slug} has an older version than the lock file`);
    else if (locked.version === rule.version && locked.hash !== rule.hash) {
      problems.push(`${rule.slug} was changed: raise its version to ${rule.version + 1}`);
    } else if (locked.version < rule.version) problems.push(`${rule.slug} has a new version: update the lock file`);
    else if (locked.slug !== rule.slug) problems.push(`${rule.slug} was renamed: update the lock file`);
  }
  for (const [id, { slug }] of Object.entries(lock))
    if (!ids.has(id)) problems.push(`${slug} (${id}) is gone: update the lock file`);
  return problems;
};

/** The lock file for the rules as they are. @throws Error where a rule changed and its version did not. */
export const nextLock = (rules: readonly Rule[], lock: RuleLock): RuleLock => {
  const changed = compareLock(rules, lock).filter(
    (p) => p.includes('raise its version') || p.includes('older version'),
  );
  if (changed.length > 0) throw new Error(changed.join('\n'));
  const entries = rules.map((r) => [r.id, { slug: r.slug, version: r.version, hash: r.hash }] as const);
  return Object.fromEntries(entries.sort(([, a], [, b]) => (a.slug < b.slug ? -1 : 1)));
};
