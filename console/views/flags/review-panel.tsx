import { useEffect, useRef, useState } from 'preact/hooks';
import { api, type Flag, settle, useAsked } from '../../api.ts';
import { ReviewState } from '../../parts/badges.tsx';
import { Glyph, ReviewShape } from '../../parts/icons.tsx';
import { useKeys } from '../../parts/keys.ts';
import { Moment } from '../../parts/moment.tsx';
import { say } from '../../parts/toasts.tsx';
import { wordFor } from '../../words.ts';

// Judging one flag: with the keys c, f and u, or the buttons; with a note, or without.

type Outcome = 'confirmed' | 'false_positive' | 'unsure';

const OUTCOMES: readonly { readonly outcome: Outcome; readonly key: string; readonly label: string }[] = [
  { outcome: 'confirmed', key: 'c', label: 'Confirm' },
  { outcome: 'false_positive', key: 'f', label: 'False positive' },
  { outcome: 'unsure', key: 'u', label: 'Unsure' },
];

export interface ReviewPanelProps {
  readonly flag: Flag;
  /** The flag as it is now. */
  readonly onChange: (flag: Flag) => void;
  /** After a review. */
  readonly onReviewed?: (() => void) | undefined;
}

const Assignment = ({ flag, onChange }: ReviewPanelProps) => {
  const params = { path: { id: flag.id } };
  const take = async (): Promise<void> => {
    const { data, problem } = await settle(api.POST('/v1/flags/{id}/assignment', { params, body: {} }));
    if (problem !== undefined) return say(problem.detail, 'wrong');
    onChange({ ...flag, assignment: { assignee: data.assignee, expiresAt: data.expiresAt } });
    say('In your hand for an hour. Others see that you work on it.');
  };
  const giveBack = async (): Promise<void> => {
    const released = await settle(api.DELETE('/v1/flags/{id}/assignment', { params }));
    if (released.problem !== undefined) return say(released.problem.detail, 'wrong');
    const { data } = await settle(api.GET('/v1/flags/{id}', { params }));
    if (data === undefined) return;
    onChange(data);
    say(
      data.assignment === null ? 'Given back.' : 'Somebody else has it in hand.',
      data.assignment === null ? 'done' : 'wrong',
    );
  };
  useKeys({ a: () => void (flag.assignment === null ? take() : giveBack()) });
  return (
    <p class="assignment">
      <Glyph name="person" />
      {flag.assignment === null ? (
        <>
          <span>Nobody has it in hand.</span>
          <button type="button" class="button quiet" onClick={() => void take()}>
            Take it <kbd>a</kbd>
          </button>
        </>
      ) : (
        <>
          <span>
            In hand of {flag.assignment.assignee} until <Moment at={flag.assignment.expiresAt} short />
          </span>
          <button type="button" class="button quiet" onClick={() => void giveBack()}>
            Give back <kbd>a</kbd>
          </button>
        </>
      )}
    </p>
  );
};

export const ReviewPanel = (props: ReviewPanelProps) => {
  const { flag, onChange, onReviewed } = props;
  const note = useRef<HTMLTextAreaElement>(null);
  const [busy, setBusy] = useState(false);
  const history = useAsked(flag.id, (signal) =>
    api.GET('/v1/flags/{id}/reviews', { params: { path: { id: flag.id } }, signal }),
  );
  useEffect(() => {
    if (note.current !== null) note.current.value = '';
  }, [flag.id]);

  const review = async (outcome: Outcome): Promise<void> => {
    if (busy) return;
    setBusy(true);
    const text = note.current?.value.trim() ?? '';
    const { data, problem } = await settle(
      api.POST('/v1/flags/{id}/reviews', {
        params: { path: { id: flag.id } },
        body: { outcome, note: text === '' ? null : text },
      }),
    );
    setBusy(false);
    if (problem !== undefined) return say(`Not reviewed: ${problem.detail}`, 'wrong');
    if (note.current !== null) note.current.value = '';
    onChange({ ...flag, review: data.state, assignment: flag.assignment });
    history.again();
    say(`${wordFor(outcome)}. To correct it, review it again: your latest counts.`);
    onReviewed?.();
  };
  useKeys({
    ...Object.fromEntries(OUTCOMES.map(({ key, outcome }) => [key, () => void review(outcome)])),
    n: () => note.current?.focus(),
  });

  const reviews = history.data?.items ?? [];
  return (
    <section class="review" aria-label="Review">
      <div class="review-head">
        <h3>Review</h3>
        <ReviewState state={flag.review} />
      </div>
      {reviews.length > 0 && (
        <ol class="reviews">
          {reviews.map(({ id, outcome, note: said, reviewer, at }) => (
            <li key={id} data-review={outcome}>
              <ReviewShape state={outcome} />
              <span>
                <strong>{wordFor(outcome)}</strong> by {reviewer} · <Moment at={at} short />
                {said !== null && <q>{said}</q>}
              </span>
            </li>
          ))}
        </ol>
      )}
      <label class="note">
        <span class="fine">
          Note, if you like <kbd>n</kbd>
        </span>
        <textarea ref={note} rows={2} maxLength={4_000} placeholder="What decided it?" />
      </label>
      <div class="outcomes">
        {OUTCOMES.map(({ outcome, key, label }) => (
          <button
            key={outcome}
            type="button"
            class="button"
            data-review={outcome}
            disabled={busy}
            onClick={() => void review(outcome)}
          >
            <ReviewShape state={outcome} />
            {label} <kbd>{key}</kbd>
          </button>
        ))}
      </div>
      <Assignment {...props} />
    </section>
  );
};
