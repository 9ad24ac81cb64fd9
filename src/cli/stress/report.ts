import type { Versions } from '../../domain/verdict.ts';
import { NONE, percent, short, showRate, type Table } from '../eval-cells.ts';
import { pageOf, tableSection } from '../eval-html.ts';
import { markdownSection } from '../eval-markdown.ts';
import type { FileDigest } from '../eval-rows.ts';
import { ATTACKS } from './attacks.ts';
import type { AttackReport, Threshold } from './measure.ts';
import { keptPlot } from './plot.ts';

// What the attacks cost, as tables, a page and Markdown.

export interface StressReport {
  readonly seed: number;
  readonly maxFpr: number;
  readonly positives: number;
  readonly negatives: number;
  readonly thresholds: readonly Threshold[];
  /** The first is the traces as they are. */
  readonly attacks: readonly AttackReport[];
  readonly files: readonly FileDigest[];
  readonly versions: Versions | null;
}

const byPolicy = ({ attacks }: StressReport): Table => ({
  title: 'At the policy in force',
  head: ['attack', 'positives', 'flagged', 'of those flagged untouched', 'ended clear', 'negatives flagged'],
  rows: attacks.map(({ attack, policy, clear }) => [
    attack,
    String(policy.tpr.total),
    showRate(policy.tpr),
    showRate(policy.kept),
    showRate(clear),
    showRate(policy.fpr),
  ]),
});

const byTier = ({ attacks, thresholds, maxFpr }: StressReport): Table[] =>
  thresholds.map(({ tier, threshold }, i) => ({
    title: `${tier}, where ${percent(maxFpr)} of the untouched negatives are alarmed (from ${threshold === null ? NONE : short(threshold)})`,
    head: ['attack', 'caught', 'of those caught untouched', 'negatives alarmed'],
    rows: attacks.map(({ attack, tiers }) => {
      const { tpr, kept, fpr } = tiers[i]!;
      return [attack, showRate(tpr), showRate(kept), showRate(fpr)];
    }),
  }));

const key: Table = {
  title: 'The attacks',
  head: ['attack', 'what is done to the reasoning'],
  rows: ATTACKS.map(({ name, what }) => [name, what]),
};

export const stressTables = (report: StressReport): Table[] => [byPolicy(report), ...byTier(report)];

/** The last line: the attack that costs most. */
export const stressConclusion = ({ attacks, positives, negatives }: StressReport): string => {
  const [plain, ...rest] = attacks;
  const worst = rest.reduce<AttackReport | undefined>(
    (a, b) => (a === undefined || (b.policy.kept?.value ?? 1) < (a.policy.kept?.value ?? 1) ? b : a),
    undefined,
  );
  const left = worst === undefined ? '' : `; ${worst.attack} leaves ${showRate(worst.policy.kept)} of that`;
  return `Stressed ${positives} positives and ${negatives} negatives: ${showRate(plain?.policy.tpr ?? null)} flagged untouched${left}.`;
};

const made = ({ seed, versions }: StressReport): string =>
  `Seed ${seed}; rules ${versions?.rules ?? NONE}, classifier ${versions?.classifier ?? NONE}, policy ${versions?.policy ?? NONE}. Intervals are exact, at 95%.`;

const data = ({ files }: StressReport): Table => ({
  title: 'Files, with the SHA-256 of their lines',
  head: ['file', 'rows', 'sha256'],
  rows: files.map((f) => [f.file, String(f.rows), f.sha256]),
});

export const stressPage = (report: StressReport): string =>
  pageOf(
    'Stress',
    stressConclusion(report),
    keptPlot(report.attacks),
    [...stressTables(report), key, data(report)].map(tableSection).join('\n'),
    made(report),
  );

export const stressMarkdown = (report: StressReport): string => {
  const sections = [...stressTables(report), key, data(report)].map(markdownSection);
  return `${['# Stress', stressConclusion(report), made(report), ...sections].join('\n\n')}\n`;
};
