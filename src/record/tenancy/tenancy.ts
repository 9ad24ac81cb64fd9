import { type Dialect, Kysely } from 'kysely';
import type { Database } from '../schema.ts';
import { bindDriver } from './tenant-driver.ts';

/** The database as one tenant sees it: each statement, or transaction, runs under row-level security. */
export type ForTenant = (tenant: string) => Kysely<Database>;

/** @param role whether requests act as a role of their own; see protectTables */
export const createTenancy = async (dialect: Dialect, db: Kysely<Database>, role: boolean): Promise<ForTenant> => {
  const driver = dialect.createDriver();
  await driver.init();
  return (tenant) =>
    new Kysely<Database>({
      dialect: {
        createDriver: () => bindDriver(driver, tenant, role),
        createAdapter: () => dialect.createAdapter(),
        createIntrospector: () => dialect.createIntrospector(db),
        createQueryCompiler: () => dialect.createQueryCompiler(),
      },
    });
};
