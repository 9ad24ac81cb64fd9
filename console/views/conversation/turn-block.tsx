import { useEffect, useRef } from 'preact/hooks';
import type { Finding, Turn } from '../../api.ts';
import { Coverage, Decision } from '../../parts/badges.tsx';
import { Moment } from '../../parts/moment.tsx';
import { modelName, REASONS, wordFor } from '../../words.ts';
import { inOrder } from '../flags/flag-row.tsx';
import { marksIn, SegmentBlock } from './segment-block.tsx';

export interface Chosen {
  readonly traceId: string;
  /** Place in the list of findings, the worst first. */
  readonly finding: number;
}

const VIEW_LABELS = ['reasoning', 'reasoning_summary', 'answer', 'action', 'cross'] as const;

const Views = ({ turn }: { turn: Turn }) => (
  <ul class="view-scores" aria-label="Risk by view">
    {VIEW_LABELS.map((view) => {
      const value = turn.verdict.views[view];
      return (
        <li key={view} data-none={value === null ? '' : undefined}>
          <span>{wordFor(view)}</span>
          <span class="number">{value === null ? 'not there' : value.toFixed(2)}</span>
        </li>
      );
    })}
  </ul>
);

/** What was said of it before; one verdict alone is no history. */
const History = ({ turn }: { turn: Turn }) => {
  if (turn.history.length < 2) return null;
  return (
    <details>
      <summary class="fine">{`${turn.history.length} verdicts so far`}</summary>
      <ol class="history">
        {turn.history.map(({ seq, at, status, decision, risk, versions }) => (
          <li key={seq}>
            <Moment at={at} />: {wordFor(decision)} ({status}), risk <span class="number">{risk.toFixed(2)}</span>,
            policy <code>{versions.policy.slice(0, 12)}</code>, rules <code>{versions.rules.slice(0, 12)}</code>
          </li>
        ))}
      </ol>
    </details>
  );
};

const Assessment = ({ turn }: { turn: Turn }) => {
  const { reasons, accepted = [] } = turn.verdict.assessment;
  if (reasons.length === 0) return null;
  return (
    <ul class="reasons">
      {reasons.map((reason) => (
        <li key={reason}>
          {REASONS[reason] ?? wordFor(reason)}
          {accepted.includes(reason) && <span class="fine"> The policy accepts this.</span>}
        </li>
      ))}
    </ul>
  );
};

export interface TurnBlockProps {
  readonly turn: Turn;
  readonly shown: (finding: Finding) => boolean;
  readonly chosen: Chosen | undefined;
  readonly choose: (chosen: Chosen) => void;
  readonly marked: boolean;
}

export const TurnBlock = ({ turn, shown, chosen, choose, marked }: TurnBlockProps) => {
  const { verdict } = turn;
  const findings = inOrder(verdict.findings);
  const current = chosen?.traceId === turn.traceId ? chosen.finding : undefined;
  const place = useRef<HTMLElement>(null);
  const latest = useRef(choose);
  latest.current = choose;
  // By hand: a mark is text to read. Whoever uses a keyboard or a screen reader has the list of findings, which does the same.
  useEffect(() => {
    const onClick = (event: MouseEvent): void => {
      const mark = event.target instanceof Element ? event.target.closest<HTMLElement>('mark') : null;
      const finding = Number(mark?.dataset.findings?.split(' ')[0]);
      if (mark !== null && Number.isInteger(finding)) latest.current({ traceId: turn.traceId, finding });
    };
    const block = place.current;
    block?.addEventListener('click', onClick);
    return () => block?.removeEventListener('click', onClick);
  }, [turn.traceId]);
  return (
    <article class="turn" ref={place} data-trace={turn.traceId} data-marked={marked ? '' : undefined}>
      <header class="turn-head">
        <h2>{turn.turn === null ? 'Turn' : `Turn ${turn.turn}`}</h2>
        <Decision decision={verdict.decision} />
        <Coverage state={verdict.assessment.state} />
        {verdict.status === 'provisional' && (
          <span class="badge outlined">Provisional: the judge is still to come</span>
        )}
        {verdict.suppression !== undefined && <span class="badge outlined">Suppressed</span>}
        <span class="turn-when fine">
          {modelName(turn.model)} · <Moment at={turn.occurredAt} />
        </span>
      </header>
      <Assessment turn={turn} />
      <Views turn={turn} />
      <History turn={turn} />
      {verdict.findings.length > 0 && (
        <p class="fine">
          {verdict.actionsAloneWouldFlag
            ? 'The answer and the tool calls alone would have been flagged too.'
            : 'The answer and the tool calls alone would not have been flagged: only the reasoning gave it away.'}
        </p>
      )}
      {turn.segments === null ? (
        <p class="unreadable">
          {turn.erasedAt === null ? (
            'The words of this turn were not kept. The verdict on them stands.'
          ) : (
            <>
              The words of this turn were erased on <Moment at={turn.erasedAt} />. The verdict on them stands.
            </>
          )}
        </p>
      ) : (
        turn.segments.map((segment) => (
          <SegmentBlock
            key={segment.index}
            segment={segment}
            findings={findings}
            marks={marksIn(segment.index, findings, shown)}
            current={current}
          />
        ))
      )}
    </article>
  );
};
