import type { Kysely } from 'kysely'
import type { Columns } from './columns.ts'

/** Weak passwords, distinct names, known networks, revoked keys, the audit log, and what webhooks are to be told. */
export async function up(db: Kysely<unknown>, { id, identity }: Columns): Promise<void> {
  await db.schema
    .alterTable('accounts')
    .addColumn('has_weak_password', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()

  await db.schema
    .createTable('counted_names')
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('counted_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('counted_names_key', ['key', 'digest'])
    .execute()
  await db.schema.createIndex('counted_names_by_age').on('counted_names').column('counted_at').execute()

  await db.schema
    .createTable('known_networks')
    .addColumn('account_id', id, (column) => column.notNull().references('accounts.id').onDelete('cascade'))
    // Of account and network together, under a key that is not in the database.
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('known_networks_key', ['account_id', 'digest'])
    .execute()
  await db.schema.createIndex('known_networks_by_age').on('known_networks').column('last_seen_at').execute()

  await db.schema
    .createTable('revoked_keys')
    .addColumn('token_hash', 'text', (column) => column.primaryKey().notNull())
    .addColumn('account_id', id, (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('revoked_keys_by_end').on('revoked_keys').column('expires_at').execute()

  // No foreign keys: what was done to an account is told after it is gone.
  await db.schema
    .createTable('audit_log')
    .addColumn('seq', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('account_id', id)
    .addColumn('contract', 'text')
    .addColumn('request_id', 'text')
    .addColumn('network', 'text')
    .addColumn('user_agent', 'text')
    .addColumn('detail', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('audit_log_by_account').on('audit_log').columns(['account_id', 'seq']).execute()

  await db.schema
    .createTable('audit_ends')
    .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('anchor_seq', 'bigint', (column) => column.notNull())
    .addColumn('anchor_hash', 'text', (column) => column.notNull())
    .addColumn('anchor_seal', 'text', (column) => column.notNull())
    .addColumn('head_seq', 'bigint', (column) => column.notNull())
    .addColumn('head_hash', 'text', (column) => column.notNull())
    .addColumn('head_seal', 'text', (column) => column.notNull())
    .execute()

  await db.schema
    .createTable('webhook_deliveries')
    .addColumn('id', id, identity)
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('tries', 'integer', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('webhook_deliveries_by_due').on('webhook_deliveries').column('due_at').execute()
}
