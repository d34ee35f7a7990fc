import type { Kysely, Transaction } from 'kysely'
import type { AdoptedSession, LegacySessionStore, SessionAdoption } from '../../core/ports.ts'
import { atomically } from './atomically.ts'
import type { Engine } from './dialect.ts'
import { nameAccessTokens } from './end-legacy-session.ts'
import { isImportedSource } from './imported-sources.ts'
import { prepare } from './prepared.ts'
import type { Schema } from './schema.ts'
import { selectStored, toStoredSession } from './stored-sessions.ts'

/** Sessions that stand for tokens of a back end before. */
export function createLegacySessionStore(db: Kysely<Schema>, engine: Pick<Engine, 'readNow'>): LegacySessionStore {
  const selectByTokens = prepare({ db, engine }, (db) => selectStored(db).where('sessions.token_hash', 'in', ['', '']))
  const selectRevoked = prepare({ db, engine }, (db) =>
    db.selectFrom('revoked_keys').select('account_id').where('token_hash', 'in', ['', '']).where('expires_at', '>', 0),
  )

  return {
    async adoptSession(session) {
      // Only asked, at first: a token that is dead makes nobody write, however often it comes.
      const seen = await findOwner(db, session)
      if ('refused' in seen) return seen
      return atomically(db, (transaction) => adopt(transaction, session))
    },

    async findLegacyKey([first, second = first], now) {
      const [row] = await selectByTokens(first, second)
      if (row !== undefined) return { stored: toStoredSession(row), revokedOf: null }
      const [revoked] = await selectRevoked(first, second, now)
      return { stored: null, revokedOf: revoked === undefined ? null : Number(revoked.account_id) }
    },
  }
}

type Refused = Extract<SessionAdoption, { refused: unknown }>

async function adopt(transaction: Transaction<Schema>, session: AdoptedSession): Promise<SessionAdoption> {
  const owner = await findOwner(transaction, session)
  if ('refused' in owner) return owner
  const { accountId } = owner
  // The account is locked from here on: a logout, a new password or its end comes before this or after it.
  const locked = await transaction
    .updateTable('accounts')
    .set(({ ref }) => ({ updated_at: ref('updated_at') }))
    .where('id', '=', accountId)
    .where('is_active', '=', 1)
    .where('takes_legacy_tokens', '=', 1)
    .returning('credential_version')
    .executeTakeFirst()
  if (locked === undefined || (await isRevoked(transaction, session, accountId))) {
    return { refused: 'revoked', accountId }
  }
  const { id, kind, contract, tokenHash, createdAt, expiresAt, network, userAgent } = session
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('sessions')
    .values({
      id,
      account_id: accountId,
      kind,
      contract,
      token_hash: tokenHash,
      credential_version: locked.credential_version,
      created_at: createdAt,
      expires_at: expiresAt,
      network,
      user_agent: userAgent,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  const row = await selectStored(transaction).where('sessions.token_hash', '=', tokenHash).executeTakeFirstOrThrow()
  return { stored: toStoredSession(row), isNew: numInsertedOrUpdatedRows === 1n }
}

/** Whose token it is, if a session may be opened for it. */
async function findOwner(
  db: Kysely<Schema>,
  session: AdoptedSession,
): Promise<Refused | { readonly accountId: number }> {
  const { source, otherSource, legacyId } = session
  const rows = await db
    .selectFrom('legacy_ids')
    .innerJoin('accounts', 'accounts.id', 'legacy_ids.account_id')
    .select(['legacy_ids.source', 'accounts.id', 'accounts.is_active', 'accounts.takes_legacy_tokens'])
    .where('legacy_ids.source', 'in', [source, otherSource])
    .where('legacy_ids.legacy_id', '=', legacyId)
    .execute()
  const owner = rows.find((row) => row.source === source) ?? rows[0]
  // An id means somebody else there: whoever was left behind by an import is nobody, and not its namesake.
  if (owner === undefined || (owner.source !== source && (await isImportedSource(db, source)))) {
    return { refused: 'unknown', accountId: null }
  }
  const accountId = Number(owner.id)
  if (Number(owner.is_active) !== 1) return { refused: 'inactive', accountId }
  if (Number(owner.takes_legacy_tokens) !== 1) return { refused: 'revoked', accountId }
  return (await isRevoked(db, session, accountId)) ? { refused: 'revoked', accountId } : { accountId }
}

async function isRevoked(
  db: Kysely<Schema>,
  { kind, contract, tokenHash }: AdoptedSession,
  accountId: number,
): Promise<boolean> {
  const names = kind === 'jwt' && contract === 'simplejwt' ? [tokenHash, nameAccessTokens(accountId)] : [tokenHash]
  const row = await db
    .selectFrom('revoked_keys')
    .select('token_hash')
    .where('token_hash', 'in', names)
    .executeTakeFirst()
  return row !== undefined
}
