import { type Kysely, sql } from 'kysely'
import type { Columns } from './columns.ts'

/** Where accounts came from that other back ends had before, and what is left of those. */
export async function up(db: Kysely<unknown>, { id }: Columns): Promise<void> {
  // What another back end's hash is called; null where the hash is our own or there is none.
  await db.schema.alterTable('accounts').addColumn('legacy_format', 'text').execute()
  await db.schema
    .createIndex('accounts_by_legacy_format')
    .on('accounts')
    .column('legacy_format')
    .where(sql.ref('legacy_format'), 'is not', null)
    .execute()
  // Whether tokens are still taken that the back end before gave out.
  await db.schema
    .alterTable('accounts')
    .addColumn('takes_legacy_tokens', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()

  await db.schema
    .createTable('legacy_ids')
    .addColumn('source', 'text', (column) => column.notNull())
    // A number or not: what the back end before called the account.
    .addColumn('legacy_id', 'text', (column) => column.notNull())
    .addColumn('account_id', id, (column) => column.notNull().references('accounts.id').onDelete('cascade'))
    // What an import left: when, and in which format the hash was. An account that is not so any more was changed here.
    .addColumn('imported_at', 'bigint')
    .addColumn('imported_format', 'text')
    // When the newest import began that has come past it: another row of the same id is not taken for it.
    .addColumn('seen_at', 'bigint')
    // When the newest import began that had somebody else by this id: its tokens are not this account's.
    .addColumn('contested_at', 'bigint')
    .addPrimaryKeyConstraint('legacy_ids_key', ['source', 'legacy_id'])
    .execute()
  await db.schema.createIndex('legacy_ids_by_account').on('legacy_ids').column('account_id').execute()

  // What accounts were called that have been deleted here: no later import brings them back.
  await db.schema
    .createTable('deleted_legacy_ids')
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('legacy_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('deleted_legacy_ids_key', ['source', 'legacy_id'])
    .execute()

  // A name that was registered while an old server could still tell whose it is there, and that nobody has proved.
  await db.schema
    .alterTable('identifiers')
    .addColumn('is_claimed', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()

  // How often old servers were asked, and what came of it.
  await db.schema
    .createTable('legacy_answers')
    .addColumn('contract', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('legacy_answers_key', ['contract', 'outcome'])
    .execute()

  // How far imports have come, so that one that was broken off goes on where it was.
  await db.schema
    .createTable('imports')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute()
}
