import type { Transaction } from 'kysely'
import { lockAccount } from './lock-account.ts'
import { removeSessions } from './remove-sessions.ts'
import type { Schema } from './schema.ts'

/** The contract whose back ends give out an access and a refresh token that nothing links for certain. */
const PAIRED = 'simplejwt'
/** No token of a back end before lives longer than a year: `LATCHKEY_LEGACY_TOKEN_DAYS`. */
const LONGEST_LIFE = 366 * 86_400_000

/** What stands among the revoked keys for the access tokens of pairs that a back end before gave an account. */
export function nameAccessTokens(accountId: number): string {
  return `legacy access tokens of ${accountId}`
}

/**
 * Ends the session of a legacy token, within the caller's transaction, and what a logout by it has to mean besides. A
 * refresh token takes the account's access tokens with it, also those not seen yet: other devices refresh theirs and go
 * on. An access token takes everything that its pair may be, and that is every pair: other devices sign in again.
 *
 * @returns 1, or 0 where it was over.
 */
export async function endLegacySession(transaction: Transaction<Schema>, id: string): Promise<number> {
  const session = await transaction
    .selectFrom('sessions')
    .select(['account_id', 'kind', 'contract', 'expires_at'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (session === undefined) return 0
  const accountId = Number(session.account_id)
  // Whoever sees the token for the first time just now waits, and then finds it revoked.
  await lockAccount(transaction, accountId)
  const ended = await removeSessions(transaction, ({ eb }) => eb('id', '=', id))
  if (ended === 0 || session.contract !== PAIRED || session.kind === 'key') return ended
  const isAccess = session.kind === 'jwt'
  await removeSessions(transaction, ({ eb, and }) =>
    and([
      eb('account_id', '=', accountId),
      eb('contract', '=', PAIRED),
      // Our own sessions of this contract have no digest: their tokens name them.
      eb('token_hash', 'is not', null),
      isAccess ? eb('kind', '!=', 'key') : eb('kind', '=', 'jwt'),
    ]),
  )
  if (isAccess) {
    await transaction.updateTable('accounts').set({ takes_legacy_tokens: 0 }).where('id', '=', accountId).execute()
    return ended
  }
  const until = Number(session.expires_at) + LONGEST_LIFE
  await transaction
    .insertInto('revoked_keys')
    .values({ token_hash: nameAccessTokens(accountId), account_id: accountId, expires_at: until })
    .onConflict((conflict) =>
      conflict.column('token_hash').doUpdateSet({ expires_at: until }).where('revoked_keys.expires_at', '<', until),
    )
    .execute()
  return ended
}
