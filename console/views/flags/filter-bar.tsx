import { useEffect, useRef, useState } from 'preact/hooks';
import { api, useAsked } from '../../api.ts';
import { count, momentOf } from '../../format.ts';
import { Glyph } from '../../parts/icons.tsx';
import { useKeys } from '../../parts/keys.ts';
import { Skeleton } from '../../parts/notices.tsx';
import { hrefOf, type Query, shift, withQuery } from '../../route.ts';
import { FILTERS, FIRST_FILTERS, type Filter, filtersOf, keyOf, withoutEmpty } from './filters.ts';

// Search and filters. Each menu counts its values under all the other filters, so that a second value can be added.

const FRESH: Query = { cursor: undefined, flag: undefined };

const shiftTo = (query: URLSearchParams, changes: Query): void =>
  shift(hrefOf(['flags'], withQuery(query, { ...changes, ...FRESH })));

const Search = ({ query }: { query: URLSearchParams }) => {
  const input = useRef<HTMLInputElement>(null);
  const asked = query.get('q') ?? '';
  useEffect(() => {
    if (input.current !== null) input.current.value = asked;
  }, [asked]);
  useKeys({ '/': () => input.current?.select() });
  return (
    <search class="search">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          shiftTo(query, { q: input.current?.value.trim() });
          input.current?.blur();
        }}
      >
        <Glyph name="search" />
        <input
          ref={input}
          type="search"
          name="q"
          aria-label="Search quotes and explanations"
          placeholder="Search quotes and explanations"
          maxLength={256}
          defaultValue={asked}
          onInput={(event) => {
            if (event.currentTarget.value === '' && asked !== '') shiftTo(query, { q: undefined });
          }}
        />
        <kbd>/</kbd>
      </form>
    </search>
  );
};

const Values = ({ filter, query }: { filter: Filter; query: URLSearchParams }) => {
  const others = withoutEmpty({ ...filtersOf(query), [filter.name]: undefined });
  const { data, problem } = useAsked(keyOf(others), (signal) =>
    api.GET('/v1/flags/facets', { params: { query: others }, signal }),
  );
  const chosen = query.getAll(filter.name);
  if (problem !== undefined) return <p class="fine">{problem.detail}</p>;
  if (data === undefined) return <Skeleton rows={4} />;
  const counts = new Map(
    (data.facets[filter.name] ?? []).flatMap(({ value, count: n }) => (value === null ? [] : [[value, n]])),
  );
  for (const value of chosen) if (!counts.has(value)) counts.set(value, 0);
  const rank = (value: string): number => filter.order?.indexOf(value) ?? 0;
  const values = [...counts.keys()].sort((a, b) => rank(a) - rank(b) || (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
  if (values.length === 0) return <p class="fine">Nothing to choose from.</p>;
  return (
    <ul class="choices">
      {values.map((value) => (
        <li key={value}>
          <label>
            <input
              type="checkbox"
              checked={chosen.includes(value)}
              onChange={(event) =>
                shiftTo(query, {
                  [filter.name]: event.currentTarget.checked ? [...chosen, value] : chosen.filter((v) => v !== value),
                })
              }
            />
            <span>{filter.wordFor(value)}</span>
            <span class="number fine">
              {data.complete ? count(counts.get(value) ?? 0) : `≥ ${count(counts.get(value) ?? 0)}`}
            </span>
          </label>
        </li>
      ))}
    </ul>
  );
};

/** A button with a list below it; a click elsewhere or Escape closes it. */
const Menu = ({
  label,
  chosen,
  children,
}: {
  label: string;
  chosen: number;
  children: () => preact.ComponentChildren;
}) => {
  const place = useRef<HTMLDetailsElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!open) return;
    const close = (event: Event): void => {
      if (event instanceof KeyboardEvent ? event.key === 'Escape' : !place.current?.contains(event.target as Node)) {
        if (place.current !== null) place.current.open = false;
        if (event instanceof KeyboardEvent) place.current?.querySelector('summary')?.focus();
      }
    };
    addEventListener('pointerdown', close);
    addEventListener('keydown', close);
    return () => {
      removeEventListener('pointerdown', close);
      removeEventListener('keydown', close);
    };
  }, [open]);
  return (
    <details class="menu" ref={place} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary data-active={chosen > 0 ? '' : undefined}>
        {label}
        {chosen > 0 && <span class="pill number">{chosen}</span>}
        <Glyph name="down" size={12} />
      </summary>
      {open && <div class="menu-panel">{children()}</div>}
    </details>
  );
};

const PERIODS = [
  { label: 'Any time', hours: 0 },
  { label: 'Last 24 hours', hours: 24 },
  { label: 'Last 7 days', hours: 7 * 24 },
  { label: 'Last 30 days', hours: 30 * 24 },
];

/** As an input takes it: the reader's own time. */
const localInput = (instant: string | null): string => {
  if (instant === null) return '';
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

const instantOf = (local: string): string | undefined => (local === '' ? undefined : new Date(local).toISOString());

const Period = ({ query }: { query: URLSearchParams }) => (
  <Menu label="Received" chosen={query.has('from') || query.has('to') ? 1 : 0}>
    {() => (
      <div class="period">
        {PERIODS.map(({ label, hours }) => (
          <button
            key={label}
            type="button"
            class="button quiet"
            onClick={() =>
              shiftTo(query, {
                from: hours === 0 ? undefined : new Date(Date.now() - hours * 3_600_000).toISOString(),
                to: undefined,
              })
            }
          >
            {label}
          </button>
        ))}
        <label>
          From
          <input
            type="datetime-local"
            value={localInput(query.get('from'))}
            onChange={(event) => shiftTo(query, { from: instantOf(event.currentTarget.value) })}
          />
        </label>
        <label>
          Until
          <input
            type="datetime-local"
            value={localInput(query.get('to'))}
            onChange={(event) => shiftTo(query, { to: instantOf(event.currentTarget.value) })}
          />
        </label>
      </div>
    )}
  </Menu>
);

const Chip = ({ label, value, remove }: { label: string; value: string; remove: () => void }) => (
  <li>
    <button type="button" class="chip" onClick={remove} aria-label={`Remove filter ${label}: ${value}`}>
      <span class="fine">{label}</span> {value}
      <Glyph name="close" size={12} />
    </button>
  </li>
);

const Chips = ({ query }: { query: URLSearchParams }) => {
  const single = (name: string, label: string, shown: (value: string) => string = (v) => v) => {
    const value = query.get(name);
    return value === null ? [] : [{ name, label, value: shown(value), rest: [] as string[] }];
  };
  const chips = [
    ...FILTERS.flatMap((filter) =>
      query.getAll(filter.name).map((value, _, all) => ({
        name: filter.name as string,
        label: filter.label,
        value: filter.wordFor(value),
        rest: all.filter((v) => v !== value),
      })),
    ),
    ...single('from', 'Since', momentOf),
    ...single('to', 'Until', momentOf),
    ...single('q', 'Words'),
    ...single('assignee', 'In hand of', (v) => (v === 'none' ? 'nobody' : v)),
    ...single('suppressed', 'Suppressed', (v) => (v === 'true' ? 'yes' : 'no')),
    ...single('conversationId', 'Conversation'),
  ];
  if (chips.length === 0) return null;
  return (
    <ul class="chips" aria-label="Filters in force">
      {chips.map(({ name, label, value, rest }) => (
        <Chip key={`${name} ${value}`} label={label} value={value} remove={() => shiftTo(query, { [name]: rest })} />
      ))}
      <li>
        <a class="chip clear" href={hrefOf(['flags'])}>
          Clear all
        </a>
      </li>
    </ul>
  );
};

export const FilterBar = ({ query }: { query: URLSearchParams }) => {
  const more = FILTERS.slice(FIRST_FILTERS);
  const chosenOf = (filters: readonly Filter[]): number =>
    filters.reduce((n, { name }) => n + query.getAll(name).length, 0);
  return (
    <div class="filters">
      <Search query={query} />
      <div class="menus">
        {FILTERS.slice(0, FIRST_FILTERS).map((filter) => (
          <Menu key={filter.name} label={filter.label} chosen={chosenOf([filter])}>
            {() => <Values filter={filter} query={query} />}
          </Menu>
        ))}
        <Period query={query} />
        <Menu label="More" chosen={chosenOf(more)}>
          {() =>
            more.map((filter) => (
              <section key={filter.name}>
                <h3>{filter.label}</h3>
                <Values filter={filter} query={query} />
              </section>
            ))
          }
        </Menu>
      </div>
      <Chips query={query} />
    </div>
  );
};
