import { Coverage, Decision, RiskMeter, Severity } from '../../parts/badges.tsx';
import { FindingCard } from '../../parts/finding-card.tsx';
import { Glyph } from '../../parts/icons.tsx';
import { Moment } from '../../parts/moment.tsx';
import { hrefOf } from '../../route.ts';
import { modelName, wordFor } from '../../words.ts';
import { categoriesOf, inOrder } from './flag-row.tsx';
import { ReviewPanel, type ReviewPanelProps } from './review-panel.tsx';

export const conversationHref = (flag: ReviewPanelProps['flag']): string =>
  hrefOf(['conversations', flag.conversationId], { trace: flag.traceId });

/** One flag: what was found, on what it rests, and what people made of it. */
export const FlagDetail = (props: ReviewPanelProps) => {
  const { flag } = props;
  const [category, ...others] = categoriesOf(flag.findings);
  return (
    <article class="detail" aria-label="The chosen flag">
      <header>
        <div class="badges">
          <Severity severity={flag.severity} />
          <Decision decision={flag.decision} />
          <Coverage state={flag.assessmentState} />
          {flag.suppressedBy.length > 0 && (
            <a class="badge outlined" href={hrefOf(['suppressions'])}>
              Suppressed
            </a>
          )}
        </div>
        <h2>
          {category === undefined ? 'Flagged for its whole' : wordFor(category)}
          {others.length > 0 && <span class="others">{` and ${others.map(wordFor).join(', ').toLowerCase()}`}</span>}
        </h2>
        <dl class="facts">
          <div>
            <dt>Model</dt>
            <dd>{modelName(flag.model)}</dd>
          </div>
          <div>
            <dt>Occurred</dt>
            <dd>
              <Moment at={flag.occurredAt} />
            </dd>
          </div>
          <div>
            <dt>Turn</dt>
            <dd>{flag.turn ?? '–'}</dd>
          </div>
          <div>
            <dt>Risk</dt>
            <dd>
              <RiskMeter value={flag.risk} label="" />
            </dd>
          </div>
        </dl>
        <a class="button primary" href={conversationHref(flag)}>
          Read in context <kbd>↵</kbd>
        </a>
      </header>
      <ReviewPanel {...props} />
      <section aria-label="Findings">
        <h3>
          Findings <span class="fine number">{flag.findings.length}</span>
        </h3>
        {flag.findings.length === 0 && (
          <p class="fine">
            <Glyph name="lock" /> No single finding: the trace was flagged for its risk as a whole, or its words were
            erased.
          </p>
        )}
        <ol class="findings">
          {inOrder(flag.findings).map((finding) => (
            <FindingCard key={finding.id} finding={finding} />
          ))}
        </ol>
      </section>
    </article>
  );
};
