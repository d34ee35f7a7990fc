import { type CompiledQuery, type DatabaseConnection, type Driver, Kysely, type QueryResult, sql } from 'kysely'
import type { Engine } from './dialect.ts'
import { createHistory, type History, readMigrations } from './migrate.ts'
import { MIGRATIONS } from './migrations/index.ts'
import type { Schema } from './schema.ts'

/** A pending migration, and every statement it would run, without semicolons. */
export type PlannedMigration = { readonly name: string; readonly statements: readonly string[] }

/**
 * What migrating would do: the same statements in the same order, for somebody to read or to run by hand in one
 * transaction. The database is only read.
 */
export async function planMigrations(
  db: Kysely<Schema>,
  engine: Pick<Engine, 'dialect' | 'columns' | 'hasTable'>,
): Promise<readonly PlannedMigration[]> {
  const { applied, pending } = await readMigrations(db, engine)
  const plan: PlannedMigration[] = []
  const { recorder, statements } = record(engine)
  if (applied.length === 0) await createHistory(recorder)
  for (const name of pending) {
    await MIGRATIONS[name]?.up(recorder, engine.columns)
    await recorder
      .withTables<History>()
      .insertInto('kysely_migration')
      .values({ name: sql.lit(name), timestamp: sql.lit(new Date().toISOString()) })
      .execute()
    plan.push({ name, statements: statements.splice(0) })
  }
  return plan
}

/** A Kysely of the same dialect whose statements are written down and not run. */
function record({ dialect }: Pick<Engine, 'dialect'>): { recorder: Kysely<Schema>; statements: string[] } {
  const statements: string[] = []
  const connection: DatabaseConnection = {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      if (query.parameters.length > 0)
        throw new Error('A migration binds a value, and cannot be shown: write it out there.')
      statements.push(query.sql)
      return { rows: [] }
    },
    // biome-ignore lint/correctness/useYield: the interface wants a generator; no migration streams.
    async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
      throw new Error('A migration may not stream.')
    },
  }
  const nothing = async (): Promise<void> => {}
  const driver: Driver = {
    init: nothing,
    acquireConnection: async () => connection,
    beginTransaction: nothing,
    commitTransaction: nothing,
    rollbackTransaction: nothing,
    releaseConnection: nothing,
    destroy: nothing,
  }
  return { recorder: new Kysely<Schema>({ dialect: { ...dialect, createDriver: () => driver } }), statements }
}
