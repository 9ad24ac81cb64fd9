import type { Finding, Schemas } from '../../api.ts';
import { count } from '../../format.ts';
import { Glyph } from '../../parts/icons.tsx';
import { Characters, MarkedText } from '../../text/marked-text.tsx';
import type { Mark } from '../../text/runs.ts';
import { COVERAGE, wordFor } from '../../words.ts';

export const marksIn = (
  segment: number,
  findings: readonly Finding[],
  shown: (finding: Finding) => boolean,
): readonly Mark[] =>
  findings.flatMap((finding, i) =>
    shown(finding)
      ? finding.evidence.filter((e) => e.segment === segment).map(({ start, end }) => ({ start, end, finding: i }))
      : [],
  );

export const SegmentBlock = ({
  segment,
  findings,
  marks,
  current,
}: {
  segment: Schemas['Segment'];
  findings: readonly Finding[];
  marks: readonly Mark[];
  current?: number | undefined;
}) => (
  <section class="segment" data-kind={segment.kind} data-segment={segment.index}>
    <h3>
      {wordFor(segment.kind)}
      {segment.name !== undefined && (
        <code>
          <Characters text={segment.name} />
        </code>
      )}
      {segment.coverage !== 'full' && (
        <span class="badge plain" data-coverage="partial">
          <Glyph name="lock" size={12} />
          {COVERAGE[segment.coverage] ?? segment.coverage}
        </span>
      )}
      {segment.text !== '' && <span class="fine number">{`${count(segment.text.length)} characters`}</span>}
    </h3>
    {segment.text === '' ? (
      <p class="unreadable">
        {segment.coverage === 'full'
          ? 'Empty.'
          : 'There is nothing here that anybody could have read. It counts as not assessed, never as clear.'}
      </p>
    ) : (
      <MarkedText text={segment.text} marks={marks} findings={findings} current={current} />
    )}
  </section>
);
