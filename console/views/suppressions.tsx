import { useState } from 'preact/hooks';
import { api, type Problem, type Schemas, settle, useAsked } from '../api.ts';
import { count } from '../format.ts';
import { Moment } from '../parts/moment.tsx';
import { Empty, ProblemNotice, Skeleton } from '../parts/notices.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { say } from '../parts/toasts.tsx';
import { WideTable } from '../parts/wide-table.tsx';
import { wordFor } from '../words.ts';

// What is silenced, by whom, why and until when. Nothing that was silenced is lost: it is stored, listed and counted.

type Suppression = Schemas['Suppression'];
type Kind = Suppression['kind'];

const KINDS: readonly { readonly value: Kind; readonly label: string; readonly hint: string }[] = [
  { value: 'rule', label: 'Rule', hint: 'id of the rule' },
  { value: 'category', label: 'Category', hint: 'such as sandbagging' },
  { value: 'model', label: 'Model', hint: 'name, or name@version' },
  { value: 'conversation', label: 'Conversation', hint: 'id of the conversation' },
];

const DAY = 86_400_000;

const kindOf = (text: string | null): Kind => KINDS.find(({ value }) => value === text)?.value ?? 'category';

const Form = ({ query, done }: { query: URLSearchParams; done: () => void }) => {
  const [kind, setKind] = useState<Kind>(kindOf(query.get('kind')));
  const [problem, setProblem] = useState<Problem | undefined>();
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const fields = new FormData(form);
    const text = (name: string): string => String(fields.get(name) ?? '').trim();
    const expiresAt = new Date(Date.now() + Number(text('days')) * DAY).toISOString();
    const body = { kind, value: text('value'), reason: text('reason'), owner: text('owner'), expiresAt };
    const { data, problem: wrong } = await settle(api.POST('/v1/suppressions', { body }));
    setProblem(wrong);
    if (data === undefined) return;
    form.reset();
    say(`Silenced from the next trace on. It is still stored and counted.`);
    done();
  };
  return (
    <form
      class="sheet form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <h2>Silence something</h2>
      <div class="form-row">
        <label>
          What
          <select name="kind" value={kind} onChange={(event) => setKind(kindOf(event.currentTarget.value))}>
            {KINDS.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          Which
          <input
            name="value"
            required
            defaultValue={query.get('value') ?? ''}
            placeholder={KINDS.find(({ value }) => value === kind)?.hint}
          />
        </label>
        <label>
          Who answers for it
          <input name="owner" required placeholder="team or person" />
        </label>
        <label>
          For how long
          <select name="days" defaultValue="7">
            <option value="1">a day</option>
            <option value="7">a week</option>
            <option value="30">30 days</option>
            <option value="90">90 days</option>
          </select>
        </label>
      </div>
      <label>
        Why
        <textarea
          name="reason"
          required
          rows={2}
          maxLength={2_000}
          placeholder="What is known about it, and what is being done"
        />
      </label>
      {problem !== undefined && <ProblemNotice problem={problem} />}
      <button type="submit" class="button primary">
        Silence
      </button>
    </form>
  );
};

const Row = ({ suppression, done }: { suppression: Suppression; done: () => void }) => {
  const end = async (): Promise<void> => {
    const { problem } = await settle(api.DELETE('/v1/suppressions/{id}', { params: { path: { id: suppression.id } } }));
    say(
      problem === undefined ? 'Ended. It alerts again from the next trace on.' : problem.detail,
      problem === undefined ? 'done' : 'wrong',
    );
    done();
  };
  return (
    <tr>
      <th scope="row">
        <span class="fine">{wordFor(suppression.kind)}</span>
        <br />
        <span class="anywhere">{suppression.value}</span>
      </th>
      <td class="anywhere">{suppression.reason}</td>
      <td>{suppression.owner}</td>
      <td>
        {suppression.endedAt !== null ? (
          <>
            Ended <Moment at={suppression.endedAt} short />
          </>
        ) : (
          <>
            {suppression.active ? 'Until' : 'Ran out'} <Moment at={suppression.expiresAt} short />
          </>
        )}
      </td>
      <td class="end number">{count(suppression.suppressed)}</td>
      <td class="end">
        {suppression.active && (
          <button type="button" class="button" onClick={() => void end()}>
            End it
          </button>
        )}
      </td>
    </tr>
  );
};

export const Suppressions = ({ query }: { query: URLSearchParams }) => {
  const { data, problem, again } = useAsked('suppressions', (signal) =>
    api.GET('/v1/suppressions', { params: { query: {} }, signal }),
  );
  return (
    <>
      <PageHead
        title="Suppressions"
        about="What raises no alert for a time. It is still stored, listed and counted, and shown as suppressed."
      />
      <div class="sheets">
        {problem !== undefined ? (
          <ProblemNotice problem={problem} again={again} />
        ) : data === undefined ? (
          <Skeleton rows={4} />
        ) : data.items.length === 0 ? (
          <Empty icon="suppressions" title="Nothing is silenced">
            <p>Every finding that reaches alert raises one.</p>
          </Empty>
        ) : (
          <WideTable label="Suppressions">
            <table class="report">
              <thead>
                <tr>
                  <th scope="col">What</th>
                  <th scope="col">Why</th>
                  <th scope="col">Owner</th>
                  <th scope="col">State</th>
                  <th scope="col" class="end">
                    Kept quiet
                  </th>
                  <th scope="col">
                    <span class="hidden">Action</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.items.map((suppression) => (
                  <Row key={suppression.id} suppression={suppression} done={again} />
                ))}
              </tbody>
            </table>
          </WideTable>
        )}
        <Form key={query.toString()} query={query} done={again} />
      </div>
    </>
  );
};
