import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Availability } from './availability.ts';
import { bulkInsert, type Column } from './bulk-insert.ts';
import type { Outbox, OutboxMessage } from './contract.ts';
import type { NewMessage } from './messages.ts';
import type { Database } from './schema.ts';

// Messages are written with what they tell of and deleted when the other side has them. One relay sends the messages of
// a key in order; several relays share the work, and then two messages of a key can overtake one another: consumers go by
// the revision.

interface OutboxRow extends NewMessage {
  readonly at: Date;
}

const COLUMNS: readonly Column<OutboxRow>[] = [
  { name: 'kind', type: 'text', value: (m) => m.kind },
  { name: 'key', type: 'text', value: (m) => m.key },
  { name: 'payload', type: 'text', value: (m) => m.payload },
  { name: 'created_at', type: 'timestamptz', value: (m) => m.at.toISOString() },
];

export const insertMessages = (messages: readonly NewMessage[], at: Date): RawBuilder<unknown> =>
  bulkInsert(
    'outbox',
    COLUMNS,
    messages.map((message) => ({ ...message, at })),
  );

type Publish = (messages: readonly OutboxMessage[]) => Promise<readonly string[]>;

type Published = { readonly count: number } | { readonly failure: unknown };

/** The relay carries everything else; alerts for webhooks are taken by webhooks/intake.ts. */
const NOT_RELAYED = 'webhook';

const oldest = (db: Kysely<Database>, limit: number) =>
  db
    .selectFrom('outbox')
    .select(['id', 'kind', 'key', 'payload'])
    .where('kind', '<>', NOT_RELAYED)
    .orderBy('id')
    .limit(limit);

type OldestRow = Awaited<ReturnType<ReturnType<typeof oldest>['execute']>>[number];

const remove = async (db: Kysely<Database>, ids: readonly string[]): Promise<number> => {
  if (ids.length === 0) return 0;
  const { rows } = await sql`delete from outbox where id = any(${ids}::text[]::bigint[]) returning id`.execute(db);
  return rows.length;
};

const send = async (db: Kysely<Database>, rows: readonly OldestRow[], publish: Publish): Promise<Published> => {
  if (rows.length === 0) return { count: 0 };
  const messages = rows.map(
    ({ id, kind, key, payload }): OutboxMessage => ({
      id: String(id),
      kind: kind as OutboxMessage['kind'],
      key,
      payload,
    }),
  );
  let acknowledged: ReadonlySet<string>;
  try {
    acknowledged = new Set(await publish(messages));
  } catch (failure) {
    return { failure };
  }
  return {
    count: await remove(
      db,
      messages.map((m) => m.id).filter((id) => acknowledged.has(id)),
    ),
  };
};

/** The rows stay locked until they are gone; other relays skip them, and a lost connection unlocks them. */
const drainShared = (db: Kysely<Database>, limit: number, publish: Publish): Promise<Published> =>
  db.transaction().execute(async (tx) => send(tx, await oldest(tx, limit).forUpdate().skipLocked().execute(), publish));

/** The embedded store has one process and one connection: a transaction around `publish` would shut out every writer. */
const createDrainAlone = (db: Kysely<Database>): typeof drainShared => {
  let turn: Promise<unknown> = Promise.resolve();
  return (_, limit, publish) => {
    const mine = turn.then(async () => send(db, await oldest(db, limit).execute(), publish));
    turn = mine.catch(() => {});
    return mine;
  };
};

export const createOutbox = (
  db: Kysely<Database>,
  kind: 'postgres' | 'embedded',
  availability: Availability,
): Outbox => {
  const drain = kind === 'postgres' ? drainShared : createDrainAlone(db);
  return {
    drain: async (limit, publish) => {
      const published = await availability.run(() => drain(db, limit, publish));
      // What `publish` rejected with is the relay's to read, and says nothing about the store.
      if ('failure' in published) throw published.failure;
      return published.count;
    },
    stats: () =>
      availability.run(async () => {
        const { depth, first } = await db
          .selectFrom('outbox')
          .select((e) => [e.fn.countAll().as('depth'), e.fn.min('created_at').as('first')])
          .where('kind', '<>', NOT_RELAYED)
          .executeTakeFirstOrThrow();
        return { depth: Number(depth), oldest: first };
      }),
  };
};
