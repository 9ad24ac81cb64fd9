import type { Evidence, Finding } from '../../domain/finding.ts';
import { deriveId } from '../../domain/ids.ts';
import type { Stance, View } from '../../domain/taxonomy.ts';
import type { Rule } from './rule.ts';

/** Sentences shown per finding. */
const MAX_EVIDENCE = 5;

const STRENGTH: Readonly<Record<Stance, number>> = { mentioned: 0, rejected: 1, considered: 2, intended: 3, acted: 4 };

const STANCE_WORDS: Readonly<Record<Stance, string>> = {
  mentioned: 'only mentioned here',
  considered: 'considered',
  rejected: 'considered and rejected',
  intended: 'intended',
  acted: 'carried out',
};

/** One finding a rule and view, of all hits that the rule has there: the strongest stance counts, and shows its places. */
export const findingOf = <Hit extends { readonly stance: Stance; readonly view: View }>(
  rule: Rule,
  hits: readonly Hit[],
  trace: { readonly tenant: string; readonly id: string },
  evidenceOf: (hit: Hit) => Evidence,
): Finding => {
  const stance = hits.reduce<Stance>((best, h) => (STRENGTH[h.stance] > STRENGTH[best] ? h.stance : best), 'mentioned');
  const { view } = hits[0]!;
  return {
    id: deriveId('finding', trace.tenant, trace.id, rule.id, view),
    category: rule.category,
    group: rule.group,
    stance,
    view,
    severity: rule.severity,
    score: rule.score,
    detector: {
      name: 'heuristics',
      rule: rule.slug,
      version: String(rule.version),
      hash: rule.hash,
      status: rule.status,
    },
    evidence: hits
      .filter((h) => h.stance === stance)
      .slice(0, MAX_EVIDENCE)
      .map(evidenceOf),
    explanation: `${rule.title} (${STANCE_WORDS[stance]}).`,
  };
};
