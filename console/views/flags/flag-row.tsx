import type { Finding, Flag } from '../../api.ts';
import { Severity } from '../../parts/badges.tsx';
import { CoverageShape, ReviewShape } from '../../parts/icons.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Characters } from '../../text/marked-text.tsx';
import { modelName, wordFor } from '../../words.ts';

const RANK: Readonly<Record<string, number>> = { critical: 4, high: 3, medium: 2, low: 1, info: 0 };
const ACTIVE: Readonly<Record<string, number>> = { acted: 2, intended: 2, considered: 1, rejected: 0, mentioned: 0 };

/** The worst first: by severity, then by stance, then by score. */
export const inOrder = (findings: readonly Finding[]): readonly Finding[] =>
  [...findings].sort(
    (a, b) =>
      (RANK[b.severity] ?? 0) - (RANK[a.severity] ?? 0) ||
      (ACTIVE[b.stance] ?? 0) - (ACTIVE[a.stance] ?? 0) ||
      b.score - a.score,
  );

/** Its categories, the worst first, each once. */
export const categoriesOf = (findings: readonly Finding[]): readonly string[] => [
  ...new Set(inOrder(findings).map(({ category }) => category)),
];

const EXCERPT = 180;

export const FlagRow = ({ flag, href, current }: { flag: Flag; href: string; current: boolean }) => {
  const [first] = inOrder(flag.findings);
  const [category, ...others] = categoriesOf(flag.findings);
  const quote = first?.evidence[0]?.quote ?? '';
  return (
    <li>
      <a class="flag-row" href={href} data-flag={flag.id} aria-current={current ? 'true' : undefined}>
        <span class="row-top">
          <Severity severity={flag.severity} />
          {flag.decision === 'alert' && <span class="badge outlined">Alert</span>}
          <Moment at={flag.occurredAt} short />
        </span>
        <span class="row-title">
          {category === undefined ? 'Flagged for its whole' : wordFor(category)}
          {others.length > 0 && <span class="fine"> +{others.length}</span>}
        </span>
        <span class="row-quote">
          {quote === '' ? (
            (first?.explanation ?? 'Its text was erased.')
          ) : (
            <Characters text={quote.slice(0, EXCERPT)} />
          )}
        </span>
        <span class="row-foot">
          <span>{modelName(flag.model)}</span>
          <span data-coverage={flag.assessmentState}>
            <CoverageShape state={flag.assessmentState} />
            <span class="hidden">{wordFor(flag.assessmentState)}</span>
          </span>
          <span class="row-review" data-review={flag.review}>
            <ReviewShape state={flag.review} />
            {wordFor(flag.review)}
          </span>
        </span>
      </a>
    </li>
  );
};
