import { type Kysely, sql } from 'kysely'
import type { StoreLife } from '../../core/ports.ts'
import type { Engine } from './dialect.ts'
import { readMigrations } from './migrate.ts'
import type { Schema } from './schema.ts'

/** What a ping writes where only a write tells. */
const PING_NOTE = 'ping'

/** The database itself: whether it answers, what it says of itself, and how it is closed. */
export function createStoreLife(db: Kysely<Schema>, engine: Engine): StoreLife {
  return {
    async ping() {
      // After a write that failed (a full disk, a lock that somebody holds) only a write tells whether all is well again.
      if (engine.isSuspect()) await writeNote(db, PING_NOTE, String(Date.now()))
      else await sql`select 1`.execute(db)
    },

    async inspect() {
      const { applied, pending } = await readMigrations(db, engine)
      const isReady = pending.length === 0
      return {
        engine: engine.name,
        location: engine.location,
        settings: await engine.readSettings(),
        appliedMigrations: applied,
        pendingMigrations: pending,
        accounts: isReady ? await countRows(db, 'accounts') : 0,
        sessions: isReady ? await countRows(db, 'sessions') : 0,
        integrity: await engine.checkIntegrity(),
      }
    },

    async readNote(name) {
      const row = await db.selectFrom('notes').select('value').where('name', '=', name).executeTakeFirst()
      return row?.value ?? null
    },

    writeNote: (name, value) => writeNote(db, name, value),

    async keepNote(name, value) {
      await db
        .insertInto('notes')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute()
      const row = await db.selectFrom('notes').select('value').where('name', '=', name).executeTakeFirst()
      return row?.value ?? value
    },

    close: () => db.destroy(),
  }
}

async function writeNote(db: Kysely<Schema>, name: string, value: string): Promise<void> {
  await db
    .insertInto('notes')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute()
}

async function countRows(db: Kysely<Schema>, table: 'accounts' | 'sessions'): Promise<number> {
  const { count } = await db
    .selectFrom(table)
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}
