import { useEffect, useState } from 'preact/hooks';
import { api, type Flag, useAsked } from '../../api.ts';
import { count, plural } from '../../format.ts';
import { Glyph } from '../../parts/icons.tsx';
import { useKeys } from '../../parts/keys.ts';
import { Empty, ProblemNotice, Skeleton } from '../../parts/notices.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { go, hrefOf, shift, withQuery } from '../../route.ts';
import { ExportButtons } from './exports.tsx';
import { FilterBar } from './filter-bar.tsx';
import { filtersOf, keyOf, TABS, tabOf, withoutEmpty } from './filters.ts';
import { conversationHref, FlagDetail } from './flag-detail.tsx';
import { FlagRow } from './flag-row.tsx';

// The list of flags with the chosen one beside it. One page of the list at a time; cursors stand in the address.

const PAGE = 50;

const Tabs = ({ query }: { query: URLSearchParams }) => {
  const current = tabOf(query);
  return (
    <nav class="tabs" aria-label="Lists">
      {TABS.map(({ id, label, query: tab }) => (
        <a key={id} href={hrefOf(['flags'], tab)} aria-current={current === id ? 'page' : undefined}>
          {label}
        </a>
      ))}
    </nav>
  );
};

const Nothing = ({ query }: { query: URLSearchParams }) =>
  [...query.keys()].length === 0 ? (
    <Empty icon="flags" title="No flags yet">
      <p>
        Nothing that was read so far called for a second look. Post a trace to <code>/v1/monitor</code>, paste one into
        the <a href="#/scratchpad">scratchpad</a>, or run <code>npm run demo</code> for a week of made-up traffic.
      </p>
    </Empty>
  ) : (
    <Empty title={tabOf(query) === 'queue' ? 'Nothing waits for review' : 'No flag matches'}>
      <p>
        <a href={hrefOf(['flags'])}>Show all flags</a>
        {query.has('q') &&
          ', or search for other words: quotes and explanations are searched, each by its first 400 characters'}
        .
      </p>
    </Empty>
  );

/** Brings the chosen row into view and gives it the focus, so that screen readers follow. */
const focusRow = (id: string): void => {
  document.querySelector<HTMLElement>(`[data-flag="${CSS.escape(id)}"]`)?.focus();
};

export const Flags = ({ query }: { query: URLSearchParams }) => {
  const filters = withoutEmpty(filtersOf(query));
  const list = { ...filters, sort: query.get('sort') ?? undefined, cursor: query.get('cursor') ?? undefined };
  const page = useAsked(keyOf(list), (signal) =>
    api.GET('/v1/flags', { params: { query: { ...withoutEmpty(list), limit: PAGE } }, signal }),
  );
  const facets = useAsked(keyOf(filters), (signal) =>
    api.GET('/v1/flags/facets', { params: { query: filters }, signal }),
  );
  const [changed, setChanged] = useState<Readonly<Record<string, Flag>>>({});
  useEffect(() => setChanged({}), [page.data]);

  const items = (page.data?.items ?? []).map((flag) => changed[flag.id] ?? flag);
  const wanted = query.get('flag');
  const at = Math.max(
    0,
    items.findIndex(({ id }) => id === wanted),
  );
  const elsewhere = wanted !== null && page.data !== undefined && !items.some(({ id }) => id === wanted);
  const single = useAsked(elsewhere ? wanted : undefined, (signal) =>
    api.GET('/v1/flags/{id}', { params: { path: { id: wanted ?? '' } }, signal }),
  );
  const chosen = elsewhere
    ? single.data === undefined
      ? undefined
      : (changed[single.data.id] ?? single.data)
    : items[at];

  const choose = (flag: Flag | undefined): void => {
    if (flag === undefined) return;
    shift(hrefOf(['flags'], withQuery(query, { flag: flag.id })));
    focusRow(flag.id);
  };
  const turn = (cursor: string | null | undefined): void => {
    if (cursor) go(hrefOf(['flags'], withQuery(query, { cursor, flag: undefined })));
  };
  const step = (by: 1 | -1): void => {
    const next = items[wanted === null && by === 1 && document.activeElement === document.body ? 0 : at + by];
    if (next !== undefined) choose(next);
    else turn(by === 1 ? page.data?.next : page.data?.previous);
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    Enter: chosen && (() => go(conversationHref(chosen))),
    o: chosen && (() => go(conversationHref(chosen))),
    Escape: () => shift(hrefOf(['flags'], withQuery(query, { flag: undefined }))),
  });

  const total = facets.data;
  return (
    <>
      <PageHead
        title="Flags"
        about={
          total === undefined
            ? 'What the monitor thinks somebody should look at.'
            : `${total.complete ? '' : 'More than '}${plural(total.count, 'flag')} ${[...query.keys()].some((name) => !['flag', 'cursor', 'sort'].includes(name)) ? 'match' : 'in all'}.`
        }
      >
        <ExportButtons path="/v1/flags/export" query={keyOf(filters)} name="flags" formats={['ndjson', 'csv']} />
      </PageHead>
      <Tabs query={query} />
      <FilterBar query={query} />
      {page.problem !== undefined ? (
        <ProblemNotice
          problem={page.problem}
          again={
            page.problem.code === 'invalid_cursor'
              ? () => shift(hrefOf(['flags'], withQuery(query, { cursor: undefined })))
              : page.again
          }
        />
      ) : page.data === undefined ? (
        <Skeleton rows={9} />
      ) : items.length === 0 && !elsewhere ? (
        <Nothing query={query} />
      ) : (
        <div class="split" data-open={wanted === null ? undefined : ''} aria-busy={page.waiting}>
          <div class="list-side">
            <div class="list-head">
              <span class="fine number">{`${count(items.length)} on this page`}</span>
              <label>
                <span class="hidden">Order</span>
                <select
                  value={query.get('sort') ?? 'newest'}
                  onChange={(event) =>
                    shift(
                      hrefOf(
                        ['flags'],
                        withQuery(query, {
                          sort: event.currentTarget.value === 'risk' ? 'risk' : undefined,
                          cursor: undefined,
                          flag: undefined,
                        }),
                      ),
                    )
                  }
                >
                  <option value="newest">Newest first</option>
                  <option value="risk">Riskiest first</option>
                </select>
              </label>
            </div>
            <ol class="flag-list" aria-label="Flags">
              {items.map((flag) => (
                <FlagRow
                  key={flag.id}
                  flag={flag}
                  href={hrefOf(['flags'], withQuery(query, { flag: flag.id }))}
                  current={flag.id === chosen?.id}
                />
              ))}
            </ol>
            <nav class="pager" aria-label="Pages">
              <button
                type="button"
                class="button"
                disabled={page.data.previous === null}
                onClick={() => turn(page.data?.previous)}
              >
                <Glyph name="left" size={12} /> Previous
              </button>
              <button
                type="button"
                class="button"
                disabled={page.data.next === null}
                onClick={() => turn(page.data?.next)}
              >
                Next <Glyph name="right" size={12} />
              </button>
            </nav>
          </div>
          <div class="detail-side">
            <button
              type="button"
              class="button quiet back"
              onClick={() => shift(hrefOf(['flags'], withQuery(query, { flag: undefined })))}
            >
              <Glyph name="left" size={12} /> List
            </button>
            {single.problem !== undefined && elsewhere && <ProblemNotice problem={single.problem} />}
            {chosen !== undefined && (
              <FlagDetail
                key={chosen.id}
                flag={chosen}
                onChange={(flag) => setChanged((all) => ({ ...all, [flag.id]: flag }))}
                onReviewed={elsewhere ? undefined : () => choose(items[at + 1])}
              />
            )}
          </div>
        </div>
      )}
    </>
  );
};
