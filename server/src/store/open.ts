import { Kysely } from 'kysely'
import type { Store } from '../core/ports.ts'
import { createAccountStore } from './sql/accounts.ts'
import { createAttemptStore } from './sql/attempts.ts'
import type { Engine } from './sql/dialect.ts'
import { createKeyStore } from './sql/keys.ts'
import { createLetterStore } from './sql/letters.ts'
import { createStoreLife } from './sql/life.ts'
import { migrate, refuseNewer } from './sql/migrate.ts'
import type { Schema } from './sql/schema.ts'
import { createSessionStore } from './sql/sessions.ts'
import { openSqlite } from './sql/sqlite.ts'

/** An open store, and what opening it did. */
export type OpenedStore = { readonly store: Store; readonly migrated: readonly string[] }

/**
 * Opens the database that a URL names and brings its schema up to date.
 *
 * @param url `sqlite:PATH` or `sqlite::memory:`.
 * @param options with `migrate: false` the database is only looked at: nothing is made, migrated or written.
 * @throws {Error} one sentence for the operator, when it cannot be opened, migrated or trusted to keep data.
 */
export async function openStore(
  url: string,
  { migrate: mayMigrate = true }: { migrate?: boolean } = {},
): Promise<OpenedStore> {
  const engine = openEngine(url, { isReadOnly: !mayMigrate })
  const db = new Kysely<Schema>({ dialect: engine.dialect })
  try {
    const migrated = mayMigrate ? await migrate(db) : []
    if (!mayMigrate) await refuseNewer(db)
    const store: Store = {
      ...createAccountStore(db, engine),
      ...createSessionStore(db, engine),
      ...createAttemptStore(db),
      ...createLetterStore(db),
      ...createKeyStore(db),
      ...createStoreLife(db, engine),
    }
    return { store, migrated }
  } catch (error) {
    await db.destroy()
    throw error
  }
}

function openEngine(url: string, options: { isReadOnly: boolean }): Engine {
  if (url.startsWith('sqlite:')) return openSqlite(url.slice('sqlite:'.length), options)
  throw new Error('DATABASE_URL must begin with sqlite: — for example sqlite:./data/latchkey.db.')
}
