import { api, useAsked } from '../../api.ts';
import { count } from '../../format.ts';
import { Share } from '../../parts/interval.tsx';
import { Empty, ProblemNotice, Skeleton } from '../../parts/notices.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { WideTable } from '../../parts/wide-table.tsx';
import { wordFor } from '../../words.ts';
import { download } from '../flags/exports.tsx';
import { Choice, PeriodChoice, periodOf, useShift } from './scope.tsx';

// How often flags were right, and how far reviewers agree.

const DIMENSIONS = [
  { value: 'category', label: 'Category' },
  { value: 'model', label: 'Model version' },
  { value: 'detector', label: 'Detector' },
  { value: 'rule', label: 'Rule' },
];

const asIs = new Set(['rule', 'model']);

export const Reviewers = ({ query }: { query: URLSearchParams }) => {
  const change = useShift('reviewers', query);
  const period = periodOf(query);
  const by = query.get('by') ?? 'category';
  const key = JSON.stringify(period);
  const precision = useAsked(key, (signal) => api.GET('/v1/reports/precision', { params: { query: period }, signal }));
  const agreement = useAsked(key, (signal) => api.GET('/v1/reports/agreement', { params: { query: period }, signal }));
  const problem = precision.problem ?? agreement.problem;
  const all = precision.data?.items.find(({ dimension }) => dimension === 'flag');
  const rows = (precision.data?.items ?? [])
    .filter(({ dimension }) => dimension === by)
    .sort((x, y) => y.confirmed + y.falsePositive + y.undecided - (x.confirmed + x.falsePositive + x.undecided));
  return (
    <>
      <PageHead title="Reviews" about="How often flags were right, as reviewed, and how far reviewers agree.">
        <Choice label="By" value={by} options={DIMENSIONS} onChoose={(value) => change({ by: value })} />
        <PeriodChoice page="reviewers" query={query} />
        <button type="button" class="button" onClick={() => void download('/v1/reviews/export', 'labels.ndjson')}>
          Export labels
        </button>
      </PageHead>
      {problem !== undefined ? (
        <ProblemNotice problem={problem} again={precision.again} />
      ) : precision.data === undefined || agreement.data === undefined ? (
        <Skeleton rows={8} />
      ) : all === undefined ? (
        <Empty icon="reviews" title="Nothing has been reviewed yet">
          <p>
            Precision is measured, not assumed:{' '}
            <a href="#/flags?review=unreviewed&suppressed=false&assignee=none&sort=risk">start with the queue</a>.
          </p>
        </Empty>
      ) : (
        <div class="sheets">
          <dl class="figures">
            <div>
              <dt>Precision of all flags</dt>
              <dd>
                <Share of={all.precision} />
              </dd>
            </div>
            <div>
              <dt>Confirmed</dt>
              <dd class="number">{count(all.confirmed)}</dd>
            </div>
            <div>
              <dt>False positives</dt>
              <dd class="number">{count(all.falsePositive)}</dd>
            </div>
            <div>
              <dt>Unsure or disputed</dt>
              <dd class="number">{count(all.undecided)}</dd>
            </div>
          </dl>
          <WideTable label="Precision">
            <table class="report">
              <caption>Precision, with 95% intervals. What is unsure or disputed is in no share.</caption>
              <thead>
                <tr>
                  <th scope="col">{DIMENSIONS.find(({ value }) => value === by)?.label}</th>
                  <th scope="col" class="end">
                    Confirmed
                  </th>
                  <th scope="col" class="end">
                    False
                  </th>
                  <th scope="col" class="end">
                    Undecided
                  </th>
                  <th scope="col">Precision</th>
                </tr>
              </thead>
              <tbody>
                {rows.map(({ value, confirmed, falsePositive, undecided, precision: share }) => (
                  <tr key={value}>
                    <th scope="row">{asIs.has(by) ? value : wordFor(value)}</th>
                    <td class="end number">{count(confirmed)}</td>
                    <td class="end number">{count(falsePositive)}</td>
                    <td class="end number">{count(undecided)}</td>
                    <td>
                      <Share of={share} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </WideTable>
          <WideTable label="Agreement">
            <table class="report">
              <caption>Agreement of every two reviewers: Cohen's kappa, 1 is complete, 0 is chance.</caption>
              <thead>
                <tr>
                  <th scope="col">Reviewers</th>
                  <th scope="col" class="end">
                    Flags of both
                  </th>
                  <th scope="col" class="end">
                    Agreed
                  </th>
                  <th scope="col">Kappa</th>
                </tr>
              </thead>
              <tbody>
                {agreement.data.items.length === 0 && (
                  <tr>
                    <td colSpan={4}>No two reviewers have judged the same flag.</td>
                  </tr>
                )}
                {agreement.data.items.map(({ reviewers, total, agreed, kappa }) => (
                  <tr key={reviewers.join(' ')}>
                    <th scope="row">{reviewers.join(' and ')}</th>
                    <td class="end number">{count(total)}</td>
                    <td class="end number">{count(agreed)}</td>
                    <td class="number">
                      {kappa === null
                        ? '–'
                        : `${kappa.value.toFixed(2)} (${kappa.low.toFixed(2)} – ${kappa.high.toFixed(2)})`}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </WideTable>
        </div>
      )}
    </>
  );
};
