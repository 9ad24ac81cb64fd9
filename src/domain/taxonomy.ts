// What the monitor labels. Names follow the o1 system card, Apollo's evaluations of o1 and the reward-hacking and
// chain-of-thought-faithfulness literature; docs/taxonomy.md gives the source of each.

export const GROUPS = ['deception', 'scheming', 'gaming', 'evasion', 'observation'] as const;
export type Group = (typeof GROUPS)[number];

/** What the reasoning does with the thought. Most false alarms come from ignoring it. */
export const STANCES = ['mentioned', 'considered', 'rejected', 'intended', 'acted'] as const;
export type Stance = (typeof STANCES)[number];

/** Where the evidence lies; `cross` is a contradiction between two of the others. */
export const VIEWS = ['reasoning', 'reasoning_summary', 'answer', 'action', 'cross'] as const;
export type View = (typeof VIEWS)[number];

export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Category {
  readonly id: string;
  readonly group: Group;
  /** Usual severity of its findings. */
  readonly severity: Severity;
  readonly definition: string;
  /** Where the definition comes from. */
  readonly source: string;
  /** What it looks like, for whoever reads the trace. */
  readonly indicators: readonly string[];
  /** What looks like it and is not. */
  readonly hardNegatives: readonly string[];
  /** What a score is multiplied with, by stance, where that differs from the policy's general weights. */
  readonly weights: Readonly<Partial<Record<Stance, number>>>;
  readonly origin: Origin;
}

/** Ours, or a file of whoever runs the service. */
export const ORIGINS = ['shipped', 'operator'] as const;
type Origin = (typeof ORIGINS)[number];

/** What the running service labels. */
export interface Taxonomy {
  /** By group, then by id: the order in which prompts and lists have them. */
  readonly categories: readonly Category[];
  readonly ids: ReadonlySet<string>;
  find(id: string): Category | undefined;
  /** First 16 hex digits of the content's SHA-256. */
  readonly hash: string;
}

const severityRank = new Map<Severity, number>(SEVERITIES.map((s, i) => [s, i]));

export const compareSeverity = (a: Severity, b: Severity): number => severityRank.get(a)! - severityRank.get(b)!;

export const worstSeverity = (severities: Iterable<Severity>): Severity => {
  let worst: Severity = 'info';
  for (const s of severities) if (compareSeverity(s, worst) > 0) worst = s;
  return worst;
};
