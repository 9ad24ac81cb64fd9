import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import type { ConversationRule } from '../../src/domain/conversation.ts';
import { createLogger } from '../../src/observe/log.ts';
import { type Connection, connectEmbedded, connectPostgres } from '../../src/record/connection.ts';
import { createStore, type OpenStore } from '../../src/record/store.ts';
import { freshDatabase, type SharedPostgres, startPostgres } from '../support/postgres.ts';
import { NOON } from './records.ts';

// Every promise of the store is tried on both: the embedded store and a real PostgreSQL server.

export const BACKENDS = ['embedded', 'postgres'] as const;
export type Backend = (typeof BACKENDS)[number];

export const silent = createLogger('silent');

export interface TestStore {
  readonly store: OpenStore;
  /** Below the store: to look into tables and to do harm. */
  readonly connection: Connection;
  /** What the store's clock says. */
  now: Date;
}

export interface TestStoreOptions {
  readonly keepTraceShare?: number;
  readonly conversations?: ConversationRule;
  readonly publicUrl?: string;
  readonly publishVerdicts?: boolean;
  readonly hasWebhooks?: (tenant: string) => boolean;
}

/**
 * Making an empty embedded database takes seconds, copying one does not. The master copy stays for the next run, under
 * the version of what made it.
 */
export const embeddedFolder = async (): Promise<string> => {
  const probe = await mkdtemp(join(tmpdir(), 'cot-monitor-store-'));
  const master = join(tmpdir(), `cot-monitor-embedded-${manifest.dependencies['@electric-sql/pglite']}`);
  if (!existsSync(master)) {
    const draft = join(probe, 'draft');
    await mkdir(draft);
    await (await PGlite.create(draft)).close();
    // Another test file may have been faster; its copy is as good.
    await rename(draft, master).catch(() => {});
  }
  await cp(master, join(probe, 'pglite'), { recursive: true });
  return probe;
};

const openConnection = async (backend: Backend): Promise<{ connection: Connection; discard: () => Promise<void> }> => {
  if (backend === 'postgres') {
    const database = await freshDatabase();
    return { connection: connectPostgres(database.url, 4, silent), discard: database.drop };
  }
  const folder = await embeddedFolder();
  return { connection: await connectEmbedded(folder), discard: () => rm(folder, { recursive: true, force: true }) };
};

/** A server for this file where the run has none. */
export const usePostgres = (): void => {
  let server: SharedPostgres | undefined;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());
};

/** A store of its own for the surrounding suite. Tests keep apart by tenant: `tenant()` is new at every call. */
export const useStore = (backend: Backend, options: TestStoreOptions = {}): TestStore & { tenant(): string } => {
  let discard: (() => Promise<void>) | undefined;
  let tenants = 0;
  let opened: { store: OpenStore; connection: Connection } | undefined;
  const test = {
    now: NOON,
    get store() {
      return opened!.store;
    },
    get connection() {
      return opened!.connection;
    },
    tenant: () => {
      tenants += 1;
      return `tenant-${tenants}`;
    },
  };
  beforeAll(async () => {
    const made = await openConnection(backend);
    discard = made.discard;
    const store = await createStore(made.connection, {
      clock: () => test.now,
      log: silent,
      keepTraceShare: 0,
      ...options,
    });
    opened = { store, connection: made.connection };
  });
  afterAll(async () => {
    await opened?.store.close();
    await discard?.();
  });
  return test;
};
