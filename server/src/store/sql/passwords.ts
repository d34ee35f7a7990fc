import type { Kysely } from 'kysely'
import type { AccountStore } from '../../core/ports.ts'
import { atomically } from './atomically.ts'
import { removeSessions } from './remove-sessions.ts'
import type { Schema } from './schema.ts'

/** Hashes of passwords that are there: made stronger, flagged, replaced. */
export function createPasswordStore(
  db: Kysely<Schema>,
): Pick<AccountStore, 'upgradePasswordHash' | 'flagPassword' | 'replacePassword'> {
  return {
    async upgradePasswordHash(accountId, expected, replacement) {
      const { numUpdatedRows } = await db
        .updateTable('accounts')
        .set({ password_hash: replacement, legacy_format: null })
        .where('id', '=', accountId)
        .where('password_hash', '=', expected)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    async flagPassword(accountId, { passwordHash, hasWeakPassword }) {
      const { numUpdatedRows } = await db
        .updateTable('accounts')
        .set({ has_weak_password: hasWeakPassword ? 1 : 0 })
        .where('id', '=', accountId)
        .where('password_hash', '=', passwordHash)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    async replacePassword({
      accountId,
      passwordHash,
      hasWeakPassword,
      expectedVersion,
      keepSession,
      keepNetwork,
      now,
    }) {
      return atomically(db, async (transaction) => {
        const updated = await transaction
          .updateTable('accounts')
          .set(({ eb }) => ({
            password_hash: passwordHash,
            legacy_format: null,
            takes_legacy_tokens: 0,
            has_weak_password: hasWeakPassword ? 1 : 0,
            credential_version: eb('credential_version', '+', 1),
            updated_at: now,
          }))
          .where('id', '=', accountId)
          .$if(expectedVersion !== undefined, (query) => query.where('credential_version', '=', expectedVersion ?? 0))
          .returning('credential_version')
          .executeTakeFirst()
        if (updated === undefined) return null
        await transaction
          .deleteFrom('one_time_tokens')
          .where('account_id', '=', accountId)
          .where('purpose', '=', 'password_reset')
          .execute()
        await transaction
          .deleteFrom('known_networks')
          .where('account_id', '=', accountId)
          .where('digest', '!=', keepNetwork ?? '')
          .execute()
        // A session that disabling had ended is not kept: its version is older than the one just replaced.
        await removeSessions(transaction, ({ eb, or, and }) =>
          and([
            eb('account_id', '=', accountId),
            or([eb('id', '!=', keepSession ?? ''), eb('credential_version', '!=', updated.credential_version - 1)]),
          ]),
        )
        await transaction
          .updateTable('sessions')
          .set({ credential_version: updated.credential_version })
          .where('account_id', '=', accountId)
          .execute()
        return Number(updated.credential_version)
      })
    },
  }
}
