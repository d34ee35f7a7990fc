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
      // First: of a damaged database nothing else can be asked.
      const integrity = await engine.checkIntegrity()
      const isSound = integrity === 'ok'
      const { applied, pending } = isSound ? await readMigrations(db, engine) : { applied: [], pending: [] }
      const isReady = isSound && pending.length === 0
      return {
        engine: engine.name,
        location: engine.location,
        settings: await engine.readSettings(),
        appliedMigrations: applied,
        pendingMigrations: pending,
        accounts: isReady ? await countRows(db, 'accounts') : 0,
        sessions: isReady ? await countRows(db, 'sessions') : 0,
        weakPasswords: isReady ? await countWeakPasswords(db) : 0,
        integrity,
      }
    },

    readNote: (name) => readNote(db, name),

    writeNote: (name, value) => writeNote(db, name, value),

    async keepNote(name, value) {
      // Whoever starts asks for the notes that are kept; that should not wait for anybody's write.
      const kept = await readNote(db, name)
      if (kept !== null) return kept
      await db
        .insertInto('notes')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute()
      return (await readNote(db, name)) ?? value
    },

    close: () => db.destroy(),
  }
}

async function readNote(db: Kysely<Schema>, name: string): Promise<string | null> {
  const row = await db.selectFrom('notes').select('value').where('name', '=', name).executeTakeFirst()
  return row?.value ?? null
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

async function countWeakPasswords(db: Kysely<Schema>): Promise<number> {
  const { count } = await db
    .selectFrom('accounts')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('has_weak_password', '=', 1)
    .executeTakeFirstOrThrow()
  return Number(count)
}
