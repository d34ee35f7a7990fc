import { sql } from 'kysely'
import type { ImportedRevocation, ImportedSession, SessionOutcome } from '../../core/ports.ts'
import type { Into } from './import-batch.ts'
import { removeSessions } from './remove-sessions.ts'

type Batch = {
  readonly sessions: readonly ImportedSession[]
  readonly revoked: readonly ImportedRevocation[]
  readonly now: number
}

/** Ends the sessions of a batch whose tokens a source has revoked, and keeps the others that are alive. */
export async function importSessionBatch(into: Into, batch: Batch): Promise<readonly SessionOutcome[]> {
  await lockAccounts(into, batch)
  await revoke(into, batch.revoked)
  return keep(into, batch)
}

/** The accounts first, then what belongs to them: whoever ends all sessions of one of them waits, and then finds ours. */
async function lockAccounts({ db, engine }: Into, { sessions, revoked }: Batch): Promise<void> {
  const owners = [...sessions, ...revoked].map(({ source, legacyId }) => [source, legacyId])
  if (owners.length === 0) return
  await sql`
    update accounts set updated_at = updated_at where id in (
      select legacy_ids.account_id from ${sql.raw(engine.eachOf)}(${JSON.stringify(owners)}) as each
      join legacy_ids on legacy_ids.source = each.value ->> 0 and legacy_ids.legacy_id = each.value ->> 1
    )`.execute(db)
}

/** Also of accounts that are not here: who comes later does not bring a dead token back to life. */
async function revoke({ db, engine }: Into, revoked: readonly ImportedRevocation[]): Promise<void> {
  if (revoked.length === 0) return
  const hashes = revoked.map(({ tokenHash }) => tokenHash)
  await removeSessions(db, ({ eb }) => eb('token_hash', 'in', hashes))
  const rows = revoked.map(({ source, legacyId, tokenHash, expiresAt }) => [source, legacyId, tokenHash, expiresAt])
  await sql`
    insert into revoked_keys (token_hash, account_id, expires_at)
    select each.value ->> 2, coalesce(legacy_ids.account_id, 0), cast(each.value ->> 3 as bigint)
    from ${sql.raw(engine.eachOf)}(${JSON.stringify(rows)}) as each
    left join legacy_ids on legacy_ids.source = each.value ->> 0 and legacy_ids.legacy_id = each.value ->> 1
    where true on conflict (token_hash) do nothing`.execute(db)
}

/** Not those of somebody else who goes by the id of an account of ours: see `isSomebodyElse`. */
async function keep(
  { db, engine }: Into,
  { sessions, now }: Pick<Batch, 'sessions' | 'now'>,
): Promise<readonly SessionOutcome[]> {
  if (sessions.length === 0) return []
  const rows = sessions.map((session) => [
    session.source,
    session.legacyId,
    session.id,
    session.kind,
    session.contract,
    session.tokenHash,
    session.createdAt,
    session.expiresAt,
  ])
  const { rows: added } = await sql<{ id: string }>`
    insert into sessions (id, account_id, kind, contract, token_hash, credential_version, created_at, expires_at,
      network, user_agent)
    select each.value ->> 2, accounts.id, each.value ->> 3, each.value ->> 4, each.value ->> 5,
      accounts.credential_version, cast(each.value ->> 6 as bigint), cast(each.value ->> 7 as bigint), null, ''
    from ${sql.raw(engine.eachOf)}(${JSON.stringify(rows)}) as each
    join legacy_ids on legacy_ids.source = each.value ->> 0 and legacy_ids.legacy_id = each.value ->> 1
    join accounts on accounts.id = legacy_ids.account_id
    where accounts.takes_legacy_tokens = 1 and accounts.is_active = 1
      and coalesce(legacy_ids.contested_at, 0) <> ${now}
      and not exists (select 1 from revoked_keys where revoked_keys.token_hash = each.value ->> 5)
    on conflict do nothing
    returning id`.execute(db)
  const kept = new Set(added.map(({ id }) => id))
  const others = sessions.filter(({ id }) => !kept.has(id)).map(({ tokenHash }) => tokenHash)
  const known = await findKnown({ db }, others)
  return sessions.map(({ id, tokenHash }) =>
    kept.has(id) ? 'imported' : known.has(tokenHash) ? 'known' : 'no_account',
  )
}

/** Those of these that are alive, or were ended here. */
async function findKnown({ db }: Pick<Into, 'db'>, hashes: readonly string[]): Promise<ReadonlySet<string>> {
  if (hashes.length === 0) return new Set()
  const alive = await db.selectFrom('sessions').select('token_hash').where('token_hash', 'in', hashes).execute()
  const ended = await db.selectFrom('revoked_keys').select('token_hash').where('token_hash', 'in', hashes).execute()
  return new Set([...alive, ...ended].flatMap(({ token_hash: hash }) => (hash === null ? [] : [hash])))
}
