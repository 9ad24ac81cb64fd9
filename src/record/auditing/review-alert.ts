import type { Kysely, Transaction } from 'kysely';
import type { ReviewState } from '../../domain/review.ts';
import { recordRevision, toldOf } from '../alert-revisions.ts';
import { instant } from '../cursor.ts';
import { type MessageOptions, reviewedAlertOf } from '../messages.ts';
import { insertMessages } from '../outbox.ts';
import { parseTrace } from '../rows.ts';
import type { Database } from '../schema.ts';

// What reviewers make of a flag is told to whoever was told of its alert, under the same id: somebody may be working on it.

/** Nothing where no alert went out, or nothing changed for its readers. The transaction must act as the owner. */
export const tellReview = async (
  tx: Transaction<Database>,
  flag: { readonly tenant: string; readonly trace_id: string; readonly received_at: Date },
  state: ReviewState,
  at: Date,
  options: MessageOptions,
): Promise<void> => {
  const { tenant, trace_id: id } = flag;
  const told = await toldOf(tx, tenant, id);
  if (told === null) return;
  const stored = await findStored(tx, flag);
  if (stored === null) return;
  const spoken = reviewedAlertOf({ trace: { ...stored, id, tenant }, verdict: stored.verdict }, state, told, options);
  if (spoken === null) return;
  await insertMessages([spoken.message], at).execute(tx);
  await recordRevision(tx, tenant, id, spoken.revision);
};

const findStored = async (
  db: Kysely<Database>,
  { tenant, trace_id, received_at }: { readonly tenant: string; readonly trace_id: string; readonly received_at: Date },
) => {
  const row = await db
    .selectFrom('verdicts')
    .select(['trace_id', 'received_at', 'header', 'body'])
    .where('tenant', '=', tenant)
    .where('received_at', '=', new Date(instant(received_at.getTime())))
    .where('trace_id', '=', trace_id)
    .executeTakeFirst();
  return row === undefined ? null : parseTrace({ ...row, segments: null });
};
