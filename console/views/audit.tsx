import { useState } from 'preact/hooks';
import { api, type Schemas, settle, useAsked } from '../api.ts';
import { count } from '../format.ts';
import { Glyph } from '../parts/icons.tsx';
import { Moment } from '../parts/moment.tsx';
import { Empty, ProblemNotice, Skeleton } from '../parts/notices.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { WideTable } from '../parts/wide-table.tsx';
import { go, hrefOf, shift, withQuery } from '../route.ts';
import { wordFor } from '../words.ts';
import { Choice } from './reports/scope.tsx';

// Who did what, as the hash chain has it, and whether the chain is whole.

type Entry = Schemas['AuditEntry'];
type Kind = Entry['action'];

/** All that the API knows: one that is added there is missed here by the compiler, not by a reader. */
const KINDS = Object.keys({
  verdict: true,
  view: true,
  export: true,
  review: true,
  suppression: true,
  key: true,
  hold: true,
  erasure: true,
  retention: true,
} satisfies Record<Kind, true>) as readonly Kind[];

const BREAKS: Readonly<Record<string, string>> = {
  missing: 'an entry is missing',
  altered: 'an entry was altered',
  unlinked: 'an entry does not follow the one before it',
  headless: 'its beginning is missing',
  surplus: 'there are entries that were never written',
  replaced: 'it was cut or made anew since the anchor',
};

const Verification = () => {
  const [state, setState] = useState<'idle' | 'busy' | Awaited<ReturnType<typeof verify>>>('idle');
  const verify = () => settle(api.GET('/v1/audit/verification', { params: { query: {} } }));
  const run = async (): Promise<void> => {
    setState('busy');
    setState(await verify());
  };
  const report = typeof state === 'object' ? state.data : undefined;
  return (
    <section class="verification" aria-live="polite" aria-label="Verification">
      <button type="button" class="button" disabled={state === 'busy'} onClick={() => void run()}>
        <Glyph name="audit" /> {state === 'busy' ? 'Walking the chain…' : 'Verify the chain'}
      </button>
      {typeof state === 'object' && state.problem !== undefined && <span>{state.problem.detail}</span>}
      {report !== undefined &&
        (report.break === null ? (
          <span data-whole="">
            Whole: {count(report.entries)} entries.{' '}
            {report.end !== null && (
              <>
                Note the end elsewhere: <code>{`${report.end.seq}:${report.end.hash.slice(0, 16)}…`}</code>
              </>
            )}
          </span>
        ) : (
          <strong data-broken="">
            Broken at entry {report.break.seq}: {BREAKS[report.break.reason] ?? report.break.reason}.
          </strong>
        ))}
    </section>
  );
};

const subjectHref = ({ action, subject, details }: Entry): string | undefined => {
  const conversation = details?.conversationId;
  if (action === 'verdict' && typeof conversation === 'string')
    return hrefOf(['conversations', conversation], { trace: subject });
  const what = details?.what;
  if (what === 'conversation') return hrefOf(['conversations', subject]);
  if (action === 'review' || what === 'flag') return hrefOf(['flags'], { flag: subject });
  return action === 'suppression' ? hrefOf(['suppressions']) : undefined;
};

/** What tells one entry from another at a glance, in this order. */
const TELLING = [
  'decision',
  'outcome',
  'what',
  'event',
  'kind',
  'value',
  'scope',
  'format',
  'name',
  'reason',
  'traces',
];

const summaryOf = (details: Readonly<Record<string, unknown>>): string =>
  TELLING.flatMap((name) => {
    const value = details[name];
    return typeof value === 'string' || typeof value === 'number' ? [wordFor(String(value))] : [];
  })
    .slice(0, 3)
    .join(', ') || 'Details';

const Details = ({ entry }: { entry: Entry }) => {
  if (entry.details === null) return <strong data-broken="">Its body is no longer what was written.</strong>;
  return (
    <details class="entry">
      <summary>{summaryOf(entry.details)}</summary>
      <pre>{JSON.stringify(entry.details, null, 1)}</pre>
      <p class="fine">
        sha256 <code>{entry.hash}</code>
      </p>
    </details>
  );
};

const Row = ({ entry }: { entry: Entry }) => {
  const href = subjectHref(entry);
  return (
    <tr>
      <td class="number end">{entry.seq}</td>
      <td>
        <Moment at={entry.at} />
      </td>
      <td>{entry.actor ?? <span class="none">the service</span>}</td>
      <td>{wordFor(entry.action)}</td>
      <td class="subject">
        {href === undefined ? (
          <code>{entry.subject}</code>
        ) : (
          <a href={href}>
            <code>{entry.subject}</code>
          </a>
        )}
      </td>
      <td>
        <Details entry={entry} />
      </td>
    </tr>
  );
};

export const Audit = ({ query }: { query: URLSearchParams }) => {
  const text = (name: string): Record<string, string> => {
    const value = query.get(name);
    return value === null ? {} : { [name]: value };
  };
  const asked = {
    ...text('actor'),
    ...text('subject'),
    ...text('conversationId'),
    ...text('cursor'),
    ...(query.has('action') ? { action: query.getAll('action') as Kind[] } : {}),
    limit: 50,
  };
  const { data, problem, again } = useAsked(JSON.stringify(asked), (signal) =>
    api.GET('/v1/audit', { params: { query: asked }, signal }),
  );
  const change = (name: string, value: string): void =>
    shift(hrefOf(['audit'], withQuery(query, { [name]: value, cursor: undefined })));
  const turn = (cursor: string | null): void => {
    if (cursor !== null) go(hrefOf(['audit'], withQuery(query, { cursor })));
  };
  return (
    <>
      <PageHead
        title="Audit log"
        about="Verdicts, and who viewed, reviewed, exported, suppressed or erased what. Reading it stands in it too."
      >
        <Verification />
      </PageHead>
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          shift(
            hrefOf(
              ['audit'],
              withQuery(query, {
                actor: String(form.get('actor') ?? '').trim(),
                subject: String(form.get('subject') ?? '').trim(),
                cursor: undefined,
              }),
            ),
          );
        }}
      >
        <Choice
          label="What"
          value={query.get('action') ?? ''}
          options={[{ value: '', label: 'Everything' }, ...KINDS.map((value) => ({ value, label: wordFor(value) }))]}
          onChoose={(value) => change('action', value)}
        />
        <label class="choice">
          <span>Who</span>
          <input name="actor" defaultValue={query.get('actor') ?? ''} placeholder="key:…, oidc:…, operator" />
        </label>
        <label class="choice">
          <span>About</span>
          <input
            name="subject"
            defaultValue={query.get('subject') ?? ''}
            placeholder="id of a trace, flag, conversation"
          />
        </label>
        <button type="submit" class="button">
          Show
        </button>
      </form>
      {problem !== undefined ? (
        <ProblemNotice
          problem={problem}
          again={problem.code === 'invalid_cursor' ? () => change('cursor', '') : again}
        />
      ) : data === undefined ? (
        <Skeleton rows={10} />
      ) : data.items.length === 0 ? (
        <Empty icon="audit" title="No entry matches">
          <p>
            <a href="#/audit">Show everything</a>
          </p>
        </Empty>
      ) : (
        <>
          <WideTable label="Entries">
            <table class="report log">
              <thead>
                <tr>
                  <th scope="col" class="end">
                    No.
                  </th>
                  <th scope="col">When</th>
                  <th scope="col">Who</th>
                  <th scope="col">What</th>
                  <th scope="col">About</th>
                  <th scope="col">Details</th>
                </tr>
              </thead>
              <tbody>
                {data.items.map((entry) => (
                  <Row key={entry.seq} entry={entry} />
                ))}
              </tbody>
            </table>
          </WideTable>
          <nav class="pager" aria-label="Pages">
            <button type="button" class="button" disabled={data.previous === null} onClick={() => turn(data.previous)}>
              <Glyph name="left" size={12} /> Later
            </button>
            <button type="button" class="button" disabled={data.next === null} onClick={() => turn(data.next)}>
              Earlier <Glyph name="right" size={12} />
            </button>
          </nav>
        </>
      )}
    </>
  );
};
