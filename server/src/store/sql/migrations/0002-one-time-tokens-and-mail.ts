import { type Kysely, sql } from 'kysely'
import type { Columns } from './columns.ts'

/** Tokens that are good once (a password reset, a proof of an address), and the letters that will carry them. */
export async function up(db: Kysely<unknown>, { id, identity }: Columns): Promise<void> {
  await db.schema
    .createTable('one_time_tokens')
    .addColumn('token_hash', 'text', (column) => column.primaryKey().notNull())
    .addColumn('purpose', 'text', (column) =>
      column.notNull().check(sql`purpose in ('password_reset', 'email_verification')`),
    )
    .addColumn('account_id', id, (column) => column.notNull().references('accounts.id').onDelete('cascade'))
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('one_time_tokens_by_account').on('one_time_tokens').column('account_id').execute()
  await db.schema.createIndex('one_time_tokens_by_end').on('one_time_tokens').column('expires_at').execute()

  await db.schema
    .createTable('letters')
    .addColumn('id', id, identity)
    .addColumn('purpose', 'text', (column) =>
      column.notNull().check(sql`purpose in ('password_reset', 'email_verification')`),
    )
    // No account: somebody asked for an address that nobody has. The letter is written and thrown away all the same.
    .addColumn('account_id', id, (column) => column.references('accounts.id').onDelete('cascade'))
    .addColumn('asked_at', 'bigint', (column) => column.notNull())
    .addColumn('tries', 'integer', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('letters_by_due').on('letters').column('due_at').execute()
}
