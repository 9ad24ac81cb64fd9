import { useMemo, useState } from 'preact/hooks';
import type { Finding } from '../api.ts';
import { count } from '../format.ts';
import { wordFor } from '../words.ts';
import { piecesOf } from './characters.ts';
import { type Mark, runsOf, type Span, shownAtFirst, wholeAt } from './runs.ts';

// Text of a trace, with evidence marked where it stands. It is hostile: it only ever becomes text nodes.

/** Beyond this, in code units, a text is shown in parts. */
const LONG = 12_000;
const AROUND = 800;
/** Shown with one press of the button, so that a megabyte does not freeze the page. */
const STEP = 40_000;

const SEVERITY_ORDER = ['critical', 'high', 'medium', 'low', 'info'];
const STANCE_ORDER = ['acted', 'intended', 'considered', 'rejected', 'mentioned'];

const worst = (order: readonly string[], of: readonly string[]): string =>
  order.find((each) => of.includes(each)) ?? of[0] ?? '';

export const Characters = ({ text }: { text: string }) => (
  <>
    {piecesOf(text).map(({ text: piece, name }, i) =>
      name === undefined ? (
        piece
      ) : (
        <span key={i} class="unseen" title={`A character that cannot be seen: ${name}`}>
          {name}
        </span>
      ),
    )}
  </>
);

export interface MarkedTextProps {
  readonly text: string;
  readonly marks: readonly Mark[];
  /** What marks refer to, by place. */
  readonly findings: readonly Finding[];
  /** The finding to be seen, by place. */
  readonly current?: number | undefined;
}

const Runs = ({ text, marks, findings, current, span }: MarkedTextProps & { span: Span }) => (
  <>
    {runsOf(marks, span.start, span.end).map(({ start, end, findings: here }) => {
      const piece = text.slice(start, end);
      if (here.length === 0) return <Characters key={start} text={piece} />;
      const about = here.flatMap((i) => findings[i] ?? []);
      const title = about.map((f) => `${wordFor(f.category)}, ${f.stance}`).join('\n');
      return (
        <mark
          key={start}
          data-start={start}
          data-end={end}
          data-findings={here.join(' ')}
          data-severity={worst(
            SEVERITY_ORDER,
            about.map((f) => f.severity),
          )}
          data-stance={worst(
            STANCE_ORDER,
            about.map((f) => f.stance),
          )}
          data-current={current !== undefined && here.includes(current) ? '' : undefined}
          data-first={marks.some((m) => m.start === start) ? here.map((i) => i + 1).join(' ') : undefined}
          title={title}
        >
          <Characters text={piece} />
        </mark>
      );
    })}
  </>
);

export const MarkedText = (props: MarkedTextProps) => {
  const { text, marks } = props;
  const first = useMemo(
    () => (text.length <= LONG ? [{ start: 0, end: text.length }] : shownAtFirst(text, marks, AROUND)),
    [text, marks],
  );
  const [grown, setGrown] = useState<Readonly<Record<number, number>>>({});
  const spans = first.map(({ start, end }, i) => ({
    start,
    end: wholeAt(text, Math.min(end + (grown[i] ?? 0), first[i + 1]?.start ?? text.length)),
  }));
  return (
    <div class="trace-text" dir="auto">
      {spans.map((span, i) => {
        const hidden = (spans[i + 1]?.start ?? text.length) - span.end;
        return (
          <>
            <Runs key={`runs ${span.start}`} {...props} span={span} />
            {hidden > 0 && (
              <button
                key={`more ${span.start}`}
                type="button"
                class="fold"
                onClick={() => setGrown({ ...grown, [i]: (grown[i] ?? 0) + STEP })}
              >
                {`${count(hidden)} characters not shown. Show ${hidden <= STEP ? 'them' : `the next ${count(STEP)}`}`}
              </button>
            )}
          </>
        );
      })}
    </div>
  );
};
