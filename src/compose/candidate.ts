import { changePolicy, type Policy } from '../decide/policy.ts';
import { createRedecide } from '../decide/redecide.ts';
import { CodedError } from '../domain/errors.ts';
import type { Taxonomy } from '../domain/taxonomy.ts';
import type { Candidate } from '../http/deps.ts';

/** A caller's changes to the policy in force; what is wrong with them is the caller's to mend. */
export const createCandidates =
  (policy: Policy, taxonomy: Taxonomy) =>
  (changes: object): Candidate => {
    try {
      const changed = changePolicy(policy, changes as Readonly<Record<string, unknown>>, taxonomy);
      return { redecide: createRedecide(changed), current: policy.hash, candidate: changed.hash };
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'invalid_policy') throw error;
      const errors = error.errors.map(({ path, message }) => ({ path: `/policy${path}`, message }));
      throw new CodedError('invalid_body', 'The policy with these changes would not be valid.', { errors });
    }
  };
