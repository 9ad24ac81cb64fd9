import { api, type Schemas, useAsked } from '../../api.ts';
import { count, percent } from '../../format.ts';
import { CountOf, Interval, Share } from '../../parts/interval.tsx';
import { Empty, ProblemNotice, Skeleton } from '../../parts/notices.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { WideTable } from '../../parts/wide-table.tsx';
import { CLASSES } from '../../words.ts';
import { Choice, PeriodChoice, periodOf, useModels, useShift } from './scope.tsx';

// Two model versions, and whether their rates differ by more than chance.

type Comparison = Schemas['Comparison'];

/** What the test says, in a sentence that can be quoted. */
const conclusionOf = (a: string, b: string, { a: left, b: right, test, difference, tested }: Comparison): string => {
  if (difference === null || left === null || right === null) return 'There is too little to compare.';
  const rates = `${a} is flagged in ${percent(left.value)} of its traces, ${b} in ${percent(right.value)}.`;
  if (test.detectedAfter !== null) {
    const way = difference.value < 0 ? 'down' : 'up';
    return `${rates} The rate went ${way}: the test found it after ${count(test.detectedAfter.a)} traces of each.`;
  }
  return tested === 0
    ? `${rates} The test has not begun: it takes 250 traces of each at a time.`
    : `${rates} The test found no shift in ${count(tested)} traces of each, which is no proof that there is none.`;
};

const number = (value: number): string =>
  value >= 1_000 || value < 0.001 ? value.toExponential(1) : value.toPrecision(3);

const Result = ({ a, b, data }: { a: string; b: string; data: Comparison }) => {
  const top = Math.max(data.a?.high ?? 0, data.b?.high ?? 0, 0.0001);
  const sides = [
    { name: a, rate: data.a, unread: data.notAssessed.a },
    { name: b, rate: data.b, unread: data.notAssessed.b },
  ];
  return (
    <div class="sheets">
      <p class="conclusion">{conclusionOf(a, b, data)}</p>
      <WideTable label="Both rates">
        <table class="report">
          <caption>{`${CLASSES[data.class] ?? data.class}, with 95% intervals.`}</caption>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col">Count</th>
              <th scope="col">Rate</th>
              <th scope="col" class="drawn">
                <span class="ends number">
                  <span>0</span>
                  <span>{percent(top)}</span>
                </span>
              </th>
              <th scope="col">Not assessed</th>
            </tr>
          </thead>
          <tbody>
            {sides.map(({ name, rate, unread }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  <CountOf of={rate} />
                </td>
                <td>
                  <Share of={rate} />
                </td>
                <td class="drawn">{rate !== null && <Interval of={rate} top={top} />}</td>
                <td>
                  <Share of={unread} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </WideTable>
      <dl class="figures">
        <div>
          <dt>Difference</dt>
          <dd class="number">{data.difference === null ? '–' : percent(data.difference.value)}</dd>
          {data.difference !== null && (
            <dd class="fine number">
              {percent(data.difference.low)} – {percent(data.difference.high)}
            </dd>
          )}
        </div>
        <div>
          <dt>e-value</dt>
          <dd class="number">{number(data.test.eValue)}</dd>
          <dd class="fine">20 or more is a shift at 5%</dd>
        </div>
        <div>
          <dt>p-value</dt>
          <dd class="number">{number(data.test.pValue)}</dd>
          <dd class="fine">valid however often one looks</dd>
        </div>
      </dl>
    </div>
  );
};

export const Compare = ({ query }: { query: URLSearchParams }) => {
  const change = useShift('compare', query);
  const models = useModels();
  const versions = models.map((value) => ({ value, label: value }));
  const exact = models.filter((key) => key.includes('@'));
  const a = query.get('a') ?? exact[0] ?? '';
  const b = query.get('b') ?? exact[1] ?? '';
  const wanted = (query.get('class') ?? 'flagged') as Comparison['class'];
  const asked = a !== '' && b !== '' ? { a, b, class: wanted, ...periodOf(query) } : undefined;
  const { data, problem, again } = useAsked(asked && JSON.stringify(asked), (signal) =>
    api.GET('/v1/reports/compare', { params: { query: asked ?? { a, b } }, signal }),
  );
  return (
    <>
      <PageHead title="Compare" about="Two model versions, and whether one is flagged more often than the other.">
        <Choice label="From" value={a} options={versions} onChoose={(value) => change({ a: value })} />
        <Choice label="To" value={b} options={versions} onChoose={(value) => change({ b: value })} />
        <Choice
          label="Class"
          value={wanted}
          options={Object.entries(CLASSES).map(([value, label]) => ({ value, label }))}
          onChoose={(value) => change({ class: value })}
        />
        <PeriodChoice page="compare" query={query} />
      </PageHead>
      {problem !== undefined ? (
        <ProblemNotice problem={problem} again={again} />
      ) : asked === undefined ? (
        <Empty icon="compare" title="Two versions make a comparison">
          <p>So far traces of {models.length === 0 ? 'no model' : 'one model version'} have come in.</p>
        </Empty>
      ) : data === undefined ? (
        <Skeleton rows={6} />
      ) : (
        <Result a={a} b={b} data={data} />
      )}
    </>
  );
};
