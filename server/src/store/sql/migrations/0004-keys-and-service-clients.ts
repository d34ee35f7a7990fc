import { type Kysely, sql } from 'kysely'
import type { Columns } from './columns.ts'

/** The lives of signing keys, and the services that may ask about tokens. */
export async function up(db: Kysely<unknown>, _columns: Columns): Promise<void> {
  // Keys that are there sign at once, as they did.
  await db.schema
    .alterTable('signing_keys')
    .addColumn('active_from', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
  await db.schema.alterTable('signing_keys').addColumn('retired_at', 'bigint').execute()
  await db.schema.alterTable('signing_keys').addColumn('revoked_at', 'bigint').execute()
  // In seconds: whoever signs with a key says so first.
  await db.schema
    .alterTable('signing_keys')
    .addColumn('longest_lifetime', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
  // No version before said it, and what is set from now on may be shorter than what was set then.
  await sql`
    update signing_keys set longest_lifetime =
      coalesce((select max(expires_at - created_at) from sessions where kind in ('jwt', 'pair')), 0) / 1000 + 1
  `.execute(db)

  await db.schema
    .createTable('service_clients')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('secret_hash', 'text', (column) => column.notNull())
    .addColumn('may_revoke', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('rotated_at', 'bigint')
    // The secret before, while services are told the new one.
    .addColumn('previous_secret_hash', 'text')
    .addColumn('previous_until', 'bigint')
    .execute()
  await db.schema.createIndex('service_clients_by_name').unique().on('service_clients').column('name').execute()
}
