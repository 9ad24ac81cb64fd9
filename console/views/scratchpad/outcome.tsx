import type { Verdict } from '../../api.ts';
import { Coverage, Decision, RiskMeter } from '../../parts/badges.tsx';
import { FindingCard } from '../../parts/finding-card.tsx';
import { hrefOf } from '../../route.ts';
import { MarkedText } from '../../text/marked-text.tsx';
import { REASONS, wordFor } from '../../words.ts';
import { inOrder } from '../flags/flag-row.tsx';
import { textAt } from './pointer.ts';

/** A text of what was posted, as evidence names it, with the marks in it. */
const textsOf = (verdict: Verdict, posted: unknown) => {
  const findings = inOrder(verdict.findings);
  const paths = [...new Set(findings.flatMap(({ evidence }) => evidence.map(({ sourcePath }) => sourcePath)))].sort();
  return paths.flatMap((path) => {
    const text = textAt(posted, path);
    if (text === undefined) return [];
    const marks = findings.flatMap((finding, i) =>
      finding.evidence
        // Some formats join several places into one text: only what is there word for word is marked.
        .filter((e) => e.sourcePath === path && text.slice(e.start, e.end) === e.quote)
        .map(({ start, end }) => ({ start, end, finding: i })),
    );
    return [{ path, text, marks }];
  });
};

const VERDICTS: Readonly<Record<string, string>> = {
  clear: 'Nothing was found.',
  unknown: 'Nothing was found in what could be read; not all of it could.',
  record: 'Something was noted that calls for no review.',
  flag: 'Somebody should look at this.',
  alert: 'This raises an alert.',
};

export const Outcome = ({ verdict, posted }: { verdict: Verdict; posted: unknown }) => {
  const findings = inOrder(verdict.findings);
  return (
    <section class="outcome" aria-label="Verdict" aria-live="polite">
      <div class="sheet">
        <div class="badges">
          <Decision decision={verdict.decision} />
          <Coverage state={verdict.assessment.state} />
          <RiskMeter value={verdict.risk} />
        </div>
        <h2>{VERDICTS[verdict.decision] ?? wordFor(verdict.decision)}</h2>
        {verdict.assessment.reasons.map((reason) => (
          <p key={reason}>{REASONS[reason] ?? wordFor(reason)}</p>
        ))}
        <p class="fine">
          Judged in{' '}
          {Object.values(verdict.timings)
            .reduce((all, ms) => all + ms, 0)
            .toFixed(0)}{' '}
          ms.{' '}
          <a href={hrefOf(['conversations', verdict.conversationId], { trace: verdict.traceId })}>
            Open what was stored
          </a>
        </p>
      </div>
      {textsOf(verdict, posted).map(({ path, text, marks }) => (
        <div key={path} class="sheet">
          <h3>
            <code>{path}</code>
          </h3>
          <MarkedText text={text} marks={marks} findings={findings} />
        </div>
      ))}
      <ol class="findings">
        {findings.map((finding, i) => (
          <FindingCard key={finding.id} finding={finding} number={i + 1} />
        ))}
      </ol>
    </section>
  );
};
