import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely'
import { BATCH } from './in-batches.ts'
import type { Schema } from './schema.ts'

/**
 * Ends the sessions that a condition names, within the caller's transaction. Of those with an opaque key the key's hash
 * is kept until its time would have been over, so that whoever uses it after its end can be told from a stranger.
 *
 * @returns how many there were.
 */
export async function removeSessions(
  transaction: Kysely<Schema>,
  condition: (builder: ExpressionBuilder<Schema, 'sessions'>) => Expression<SqlBool>,
): Promise<number> {
  const ended = await transaction
    .deleteFrom('sessions')
    .where(condition)
    .returning(['token_hash', 'account_id', 'expires_at'])
    .execute()
  const keys = ended.flatMap(({ token_hash, account_id, expires_at }) =>
    token_hash === null ? [] : [{ token_hash, account_id, expires_at }],
  )
  // In parts: an account may have more sessions than a statement may have values.
  for (let start = 0; start < keys.length; start += BATCH) {
    await transaction
      .insertInto('revoked_keys')
      .values(keys.slice(start, start + BATCH))
      .onConflict((conflict) => conflict.column('token_hash').doNothing())
      .execute()
  }
  return ended.length
}
