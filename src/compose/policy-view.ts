import type { PolicyView } from '../cli/calibrate-thresholds.ts';
import { levelOf } from '../decide/decide.ts';
import { type Policy, weightOf } from '../decide/policy.ts';

/** What `calibrate` asks of a policy: its weights and ceilings, whatever its thresholds. */
export const policyViewOf = (policy: Policy): PolicyView => {
  const open = { ...policy, thresholds: { record: 0, flag: 0, alert: 0 }, views: {}, categories: {} };
  return {
    weigh: (finding) => finding.score * weightOf(policy, finding),
    mayFlag: (finding) => ['flag', 'alert'].includes(levelOf(finding, open)),
    thresholds: policy.thresholds,
  };
};
