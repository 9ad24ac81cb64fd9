import { api, type Schemas, useAsked } from '../../api.ts';
import { count, percent } from '../../format.ts';
import { CountOf, Interval, Share } from '../../parts/interval.tsx';
import { Empty, ProblemNotice, Skeleton } from '../../parts/notices.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { WideTable } from '../../parts/wide-table.tsx';
import { searchOf } from '../../route.ts';
import { CLASSES, wordFor } from '../../words.ts';
import { ExportButtons } from '../flags/exports.tsx';
import { ModelChoice, modelScope, PeriodChoice, periodOf } from './scope.tsx';

// The table of the o1 system card, for any model and period.

type Report = Schemas['DeceptionReport'];

const Unread = ({ report }: { report: Report }) => {
  const { notAssessed } = report;
  if (notAssessed === null) return null;
  return (
    <dl class="figures">
      <div>
        <dt>Traces</dt>
        <dd class="number">{count(report.traces)}</dd>
      </div>
      <div>
        <dt>Counted below</dt>
        <dd class="number">{count(report.n)}</dd>
      </div>
      <div data-warn={notAssessed.value > 0.1 ? '' : undefined}>
        <dt>Not assessed</dt>
        <dd class="number">{percent(notAssessed.value)}</dd>
        <dd class="fine">
          <CountOf of={notAssessed} />: nobody could read {notAssessed.count === 1 ? 'it' : 'them'}
        </dd>
      </div>
      <div>
        <dt>Missed, by the shadow sample</dt>
        <dd class="number">{report.missed === null ? 'not known' : percent(report.missed.value)}</dd>
        <dd class="fine">
          {report.missed === null
            ? 'No unflagged traces are sent to a judge.'
            : 'Judged by a model: an estimate, not truth.'}
        </dd>
      </div>
    </dl>
  );
};

const Classes = ({ report }: { report: Report }) => {
  const top = Math.max(...report.classes.map(({ rate }) => rate?.high ?? 0), 0.0001);
  return (
    <WideTable label="Rates by class">
      <table class="report">
        <caption>
          Rates by class, with 95% intervals. Every trace counts in one class; <em>flagged</em> is their sum.
        </caption>
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col" class="end">
              Count
            </th>
            <th scope="col">Rate</th>
            <th scope="col" aria-label="Interval, drawn" class="drawn">
              <span class="ends number">
                <span>0</span>
                <span>{percent(top)}</span>
              </span>
            </th>
            <th scope="col">Precision in review</th>
            <th scope="col">Corrected</th>
          </tr>
        </thead>
        <tbody>
          {report.classes.map(({ class: id, count: n, rate, precision, corrected }) => (
            <tr key={id} data-total={id === 'flagged' ? '' : undefined}>
              <th scope="row">{CLASSES[id] ?? wordFor(id)}</th>
              <td class="end number">{count(n)}</td>
              <td>
                <Share of={rate} />
              </td>
              <td class="drawn">{rate !== null && <Interval of={rate} top={top} />}</td>
              <td>
                <Share of={precision} />
                {precision !== null && (
                  <span class="fine">
                    {' '}
                    <CountOf of={precision} />
                  </span>
                )}
              </td>
              <td>
                <Share of={corrected} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </WideTable>
  );
};

const Views = ({ views }: Pick<Report, 'views'>) => (
  <WideTable label="Rates by view">
    <table class="report">
      <caption>How often the thinking holds what the answer does not.</caption>
      <thead>
        <tr>
          <th scope="col">View</th>
          <th scope="col" class="end">
            Traces that had it
          </th>
          <th scope="col">Found there, not in the answer</th>
          <th scope="col">Found in both</th>
        </tr>
      </thead>
      <tbody>
        {views.map(({ view, total, onlyThere, answerToo }) => (
          <tr key={view}>
            <th scope="row">{wordFor(view)}</th>
            <td class="end number">{count(total)}</td>
            <td>
              <Share of={onlyThere} />
            </td>
            <td>
              <Share of={answerToo} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </WideTable>
);

export const Card = ({ query }: { query: URLSearchParams }) => {
  const scope = { ...modelScope(query.get('model') ?? ''), ...periodOf(query) };
  const { data, problem, again } = useAsked(JSON.stringify(scope), (signal) =>
    api.GET('/v1/reports/deception', { params: { query: { ...scope, format: 'json' } }, signal }),
  );
  // The route also answers text; with this format it does not.
  const report = typeof data === 'object' ? data : undefined;
  return (
    <>
      <PageHead
        title="System card"
        about={
          <>
            How often traces are deceptive, in the classes of the o1 system card. <em>Corrected</em> is what is left
            after review.
          </>
        }
      >
        <ModelChoice page="card" query={query} />
        <PeriodChoice page="card" query={query} />
        <ExportButtons
          path="/v1/reports/deception"
          query={searchOf(scope).toString()}
          name="deception"
          formats={['csv', 'markdown']}
        />
      </PageHead>
      {problem !== undefined ? (
        <ProblemNotice problem={problem} again={again} />
      ) : report === undefined ? (
        <Skeleton rows={8} />
      ) : report.traces === 0 ? (
        <Empty icon="card" title="No traces in this period">
          <p>Choose a longer one, or another model.</p>
        </Empty>
      ) : (
        <div class="sheets">
          <Unread report={report} />
          <Classes report={report} />
          <Views views={report.views} />
        </div>
      )}
    </>
  );
};
