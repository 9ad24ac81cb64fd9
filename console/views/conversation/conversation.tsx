import { useEffect, useMemo, useState } from 'preact/hooks';
import { api, type Finding, type Flag, type Turn, useAsked } from '../../api.ts';
import { plural } from '../../format.ts';
import { FindingCard } from '../../parts/finding-card.tsx';
import { Glyph } from '../../parts/icons.tsx';
import { useKeys } from '../../parts/keys.ts';
import { Empty, ProblemNotice, Skeleton } from '../../parts/notices.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { hrefOf, withQuery } from '../../route.ts';
import { STANCE_MEANING, wordFor } from '../../words.ts';
import { inOrder } from '../flags/flag-row.tsx';
import { ReviewPanel } from '../flags/review-panel.tsx';
import { type Chosen, TurnBlock } from './turn-block.tsx';

// A whole conversation, with the evidence marked where it stands. Opening it is written into the audit chain.

const PAGE = 20;
const STANCES = ['acted', 'intended', 'considered', 'rejected', 'mentioned'];
const VIEWS = ['reasoning', 'reasoning_summary', 'answer', 'action', 'cross'];

const places = (turns: readonly Turn[], shown: (finding: Finding) => boolean): readonly Chosen[] =>
  turns.flatMap(({ traceId, verdict }) =>
    inOrder(verdict.findings).flatMap((finding, i) => (shown(finding) ? [{ traceId, finding: i }] : [])),
  );

/** Scrolls to the evidence of a finding, or to its turn where it rests on none that is shown. */
const scrollTo = ({ traceId, finding }: Chosen): void => {
  const turn = document.querySelector(`[data-trace="${CSS.escape(traceId)}"]`);
  const mark = [...(turn?.querySelectorAll<HTMLElement>('mark') ?? [])].find((m) =>
    m.dataset.findings?.split(' ').includes(String(finding)),
  );
  (mark ?? turn)?.scrollIntoView({ block: 'center', behavior: 'instant' });
};

const Toggles = ({
  label,
  values,
  off,
  toggle,
}: {
  label: string;
  values: readonly string[];
  off: ReadonlySet<string>;
  toggle: (value: string) => void;
}) => (
  <fieldset class="toggles">
    <legend>{label}</legend>
    {values.map((value) => (
      <label key={value} title={STANCE_MEANING[value]}>
        <input type="checkbox" checked={!off.has(value)} onChange={() => toggle(value)} />
        <span class="key" data-stance={STANCES.includes(value) ? value : undefined}>
          {wordFor(value)}
        </span>
      </label>
    ))}
  </fieldset>
);

/** The flag of a trace, if it has one. */
const flagOf = async (conversationId: string, traceId: string, signal: AbortSignal) => {
  const found = await api.GET('/v1/flags', { params: { query: { conversationId, limit: 200 } }, signal });
  return {
    ...found,
    data:
      found.data === undefined
        ? undefined
        : { flag: found.data.items.find((flag) => flag.traceId === traceId) ?? null },
  };
};

const Verdict = ({ turn }: { turn: Turn }) => {
  const { versions, unread } = turn.verdict;
  return (
    <details class="versions">
      <summary>What judged it</summary>
      <dl class="facts">
        {Object.entries(versions).map(([part, version]) => (
          <div key={part}>
            <dt>{wordFor(part)}</dt>
            <dd>
              <code>{version ?? 'not asked'}</code>
            </dd>
          </div>
        ))}
        <div>
          <dt>Trace</dt>
          <dd>
            <code>{turn.traceId}</code>
          </dd>
        </div>
        <div>
          <dt>Format</dt>
          <dd>
            <code>{turn.format}</code>
          </dd>
        </div>
      </dl>
      {unread.length > 0 && (
        <p class="fine">{`Long text that the format does not know was not read: ${unread.map(({ path }) => path).join(', ')}`}</p>
      )}
    </details>
  );
};

export const Conversation = ({ id, query }: { id: string; query: URLSearchParams }) => {
  const cursor = query.get('cursor') ?? undefined;
  const page = useAsked(`${id} ${cursor ?? ''}`, (signal) =>
    api.GET('/v1/conversations/{id}', {
      params: { path: { id }, query: { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) } },
      signal,
    }),
  );
  const turns = page.data?.turns ?? [];
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const [picked, setPicked] = useState<Chosen | undefined>();
  const shown = useMemo(() => (finding: Finding) => !off.has(finding.stance) && !off.has(finding.view), [off]);
  const all = places(turns, shown);
  const wanted = query.get('trace');
  const opening = all.find(({ traceId }) => traceId === wanted) ?? all[0];
  const chosen = picked ?? opening;
  const turn = turns.find(({ traceId }) => traceId === (chosen?.traceId ?? wanted)) ?? turns[0];

  // The sought turn may stand on a later page.
  const missing = wanted !== null && page.data !== undefined && !turns.some(({ traceId }) => traceId === wanted);

  useEffect(() => {
    if (page.data !== undefined && opening !== undefined && picked === undefined && wanted !== null) scrollTo(opening);
  }, [page.data]);
  const pick = (next: Chosen | undefined): void => {
    if (next === undefined) return;
    setPicked(next);
    scrollTo(next);
  };
  const step = (by: 1 | -1): void => {
    const at = all.findIndex(({ traceId, finding }) => traceId === chosen?.traceId && finding === chosen.finding);
    pick(all[at === -1 ? 0 : at + by]);
  };
  const toggle = (value: string): void => {
    const next = new Set(off);
    if (!next.delete(value)) next.add(value);
    setOff(next);
  };

  const flag = useAsked(turn && `${id} ${turn.traceId}`, (signal) => flagOf(id, turn?.traceId ?? '', signal));
  const [reviewed, setReviewed] = useState<Flag | undefined>();
  const current =
    reviewed !== undefined && reviewed.traceId === turn?.traceId ? reviewed : (flag.data?.flag ?? undefined);
  useKeys({ j: () => step(1), k: () => step(-1), Escape: () => history.back() });

  const findings = turn === undefined ? [] : inOrder(turn.verdict.findings);
  return (
    <>
      <PageHead title="Conversation" about={<code>{id}</code>}>
        <a class="button" href={hrefOf(['flags'], current === undefined ? {} : { flag: current.id })}>
          <Glyph name="left" size={12} /> Flags
        </a>
        <a class="button quiet" href={hrefOf(['suppressions'], { kind: 'conversation', value: id })}>
          Suppress
        </a>
      </PageHead>
      {page.problem !== undefined && page.problem.code === 'not_found' ? (
        <Empty icon="flags" title="There is no such conversation">
          <p>It was never posted here, it belongs to another tenant, or the address is mistyped.</p>
        </Empty>
      ) : page.problem !== undefined ? (
        <ProblemNotice problem={page.problem} again={page.again} />
      ) : page.data === undefined ? (
        <Skeleton rows={10} />
      ) : (
        <div class="reading">
          <div class="turns">
            {missing && (
              <p class="notice">
                The turn that you came for is not on this page of the conversation.{' '}
                {page.data.next !== null && (
                  <a href={hrefOf(['conversations', id], withQuery(query, { cursor: page.data.next }))}>
                    Look on the next
                  </a>
                )}
              </p>
            )}
            {turns.map((each) => (
              <TurnBlock
                key={each.traceId}
                turn={each}
                shown={shown}
                chosen={chosen}
                choose={pick}
                marked={each.traceId === turn?.traceId && turns.length > 1}
              />
            ))}
            <nav class="pager" aria-label="Pages of the conversation">
              {page.data.previous !== null && (
                <a class="button" href={hrefOf(['conversations', id], { cursor: page.data.previous })}>
                  <Glyph name="left" size={12} /> Earlier turns
                </a>
              )}
              {page.data.next !== null && (
                <a class="button" href={hrefOf(['conversations', id], { cursor: page.data.next })}>
                  Later turns <Glyph name="right" size={12} />
                </a>
              )}
            </nav>
          </div>
          <aside class="margin" aria-label="Findings and review">
            <div class="margin-head">
              <span>
                {turn?.turn !== undefined && turn.turn !== null ? `Turn ${turn.turn}` : 'Turn'} ·{' '}
                {plural(findings.length, 'finding')}
              </span>
              <span class="step">
                <button type="button" class="button quiet" onClick={() => step(-1)} aria-label="Previous finding">
                  <Glyph name="up" size={12} />
                  <kbd>k</kbd>
                </button>
                <button type="button" class="button quiet" onClick={() => step(1)} aria-label="Next finding">
                  <Glyph name="down" size={12} />
                  <kbd>j</kbd>
                </button>
              </span>
            </div>
            {current !== undefined && <ReviewPanel flag={current} onChange={setReviewed} />}
            {flag.data?.flag === null && <p class="fine">This turn was not flagged, so there is nothing to review.</p>}
            <Toggles label="Marks by stance" values={STANCES} off={off} toggle={toggle} />
            <Toggles label="Marks by view" values={VIEWS} off={off} toggle={toggle} />
            <ol class="findings">
              {findings.map((finding, i) => (
                <FindingCard
                  key={finding.id}
                  finding={finding}
                  number={i + 1}
                  current={chosen?.traceId === turn?.traceId && chosen?.finding === i}
                >
                  <button
                    type="button"
                    class="button quiet"
                    onClick={() => turn && pick({ traceId: turn.traceId, finding: i })}
                  >
                    Show in the text
                  </button>
                </FindingCard>
              ))}
            </ol>
            {turn !== undefined && <Verdict turn={turn} />}
          </aside>
        </div>
      )}
    </>
  );
};
