import type { Kysely } from 'kysely'
import type { StoredSession } from '../../core/ports.ts'
import { ACCOUNT_COLUMNS, toAccount, toSession } from './rows.ts'
import type { Schema } from './schema.ts'

const SESSION_COLUMNS = [
  'sessions.id as session_id',
  'sessions.kind',
  'sessions.contract',
  'sessions.credential_version as session_version',
  'sessions.created_at as session_created_at',
  'sessions.expires_at',
  'sessions.network',
  'sessions.user_agent',
] as const

/** Sessions with their accounts. */
export function selectStored(db: Kysely<Schema>) {
  return db
    .selectFrom('sessions')
    .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
    .select([...ACCOUNT_COLUMNS, 'accounts.credential_version as account_version', ...SESSION_COLUMNS])
}

type StoredRow = Awaited<ReturnType<ReturnType<typeof selectStored>['execute']>>[number]

/** A row in core's words. */
export function toStoredSession(row: StoredRow): StoredSession {
  const account = toAccount(row)
  // Field by field: to spread a row of some twenty columns costs more than to read it from the database.
  const session = toSession({
    id: row.session_id,
    account_id: account.id,
    kind: row.kind,
    contract: row.contract,
    created_at: row.session_created_at,
    expires_at: row.expires_at,
    network: row.network,
    user_agent: row.user_agent,
  })
  return { account, session, isCurrent: Number(row.session_version) === Number(row.account_version) }
}
