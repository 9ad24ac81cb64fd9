import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadRules } from '../../../src/detectors/heuristics/load.ts';
import { compareLock, lockSchema, nextLock } from '../../../src/detectors/heuristics/lock.ts';
import { rule } from './ruleset.ts';

const LOCK = new URL('../../../src/detectors/heuristics/rules.lock.json', import.meta.url);
const sample = rule(['wipe the logs']);
const locked = nextLock([sample], {});

describe('the lock file', () => {
  it('agrees with the shipped rules (npm run rules:lock)', () => {
    const lock = lockSchema.parse(JSON.parse(readFileSync(LOCK, 'utf8')));
    expect(compareLock(loadRules().rules, lock)).toEqual([]);
  });

  it('refuses changed content under an unchanged version', () => {
    const changed = { ...sample, hash: 'other' };
    expect(compareLock([changed], locked)).toEqual([expect.stringMatching(/raise its version to 2/)]);
    expect(() => nextLock([changed], locked)).toThrow(/raise its version/);
    expect(nextLock([{ ...changed, version: 2 }], locked)[sample.id]?.version).toBe(2);
  });

  it('refuses a version that runs backwards', () => {
    expect(() => nextLock([sample], { [sample.id]: { slug: sample.slug, version: 3, hash: 'x' } })).toThrow(
      /older version/,
    );
  });

  it('names rules that were added, renamed or removed without it', () => {
    expect(compareLock([sample], {})).toEqual([expect.stringMatching(/not in the lock file/)]);
    expect(compareLock([{ ...sample, slug: 'oversight_subversion.other' }], locked)).toEqual([
      expect.stringMatching(/renamed/),
    ]);
    expect(compareLock([], locked)).toEqual([expect.stringMatching(/is gone/)]);
  });
});
