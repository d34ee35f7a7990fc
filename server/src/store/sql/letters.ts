import { type Kysely, sql } from 'kysely'
import type { LetterPurpose } from '../../core/mail.ts'
import type { LetterStore } from '../../core/ports.ts'
import { atomically } from './atomically.ts'
import { BATCH, inBatches } from './in-batches.ts'
import { lockAccount } from './lock-account.ts'
import { removeSessions } from './remove-sessions.ts'
import type { Schema } from './schema.ts'

/** Letters to be sent, and the tokens that letters carried: of those only hashes, used up by deleting them. */
export function createLetterStore(db: Kysely<Schema>): LetterStore {
  return {
    async addLetter({ purpose, accountId, now }) {
      await db
        .insertInto('letters')
        .values({ purpose, account_id: accountId, asked_at: now, tries: 0, due_at: now })
        .execute()
    },

    async takeDueLetters({ now, lease, limit }) {
      const rows = await db
        .updateTable('letters')
        .set(({ eb }) => ({
          tries: eb('tries', '+', 1),
          due_at: sql<number>`cast(${now} as bigint) + cast(${lease} as bigint) * (1 << tries)`,
        }))
        .where('due_at', '<=', now)
        .where('id', 'in', (query) =>
          query.selectFrom('letters').select('id').where('due_at', '<=', now).orderBy('due_at').limit(limit),
        )
        .returning(['id', 'purpose', 'account_id', 'tries'])
        .execute()
      return rows.map((row) => ({
        id: Number(row.id),
        purpose: toPurpose(row.purpose),
        accountId: row.account_id === null ? null : Number(row.account_id),
        tries: Number(row.tries),
      }))
    },

    async removeLetter(id) {
      await db.deleteFrom('letters').where('id', '=', id).execute()
    },

    async addOneTimeToken({ tokenHash, purpose, accountId, email, expiresAt }) {
      await db
        .insertInto('one_time_tokens')
        .values({ token_hash: tokenHash, purpose, account_id: accountId, email, expires_at: expiresAt })
        .execute()
    },

    async hasOneTimeToken({ tokenHash, purpose, accountId, now }) {
      const row = await db
        .selectFrom('one_time_tokens')
        .select('account_id')
        .where('token_hash', '=', tokenHash)
        .where('purpose', '=', purpose)
        .where('account_id', '=', accountId)
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return row !== undefined
    },

    async redeemPasswordReset({ tokenHash, accountId, passwordHash, hasWeakPassword, now }) {
      return atomically(db, async (transaction) => {
        await lockAccount(transaction, accountId)
        const token = await transaction
          .deleteFrom('one_time_tokens')
          .where('token_hash', '=', tokenHash)
          .where('purpose', '=', 'password_reset')
          .where('account_id', '=', accountId)
          .where('expires_at', '>', now)
          .returning('email')
          .executeTakeFirst()
        if (token === undefined) return false
        const updated = await transaction
          .updateTable('accounts')
          .set(({ eb }) => ({
            password_hash: passwordHash,
            legacy_format: null,
            takes_legacy_tokens: 0,
            has_weak_password: hasWeakPassword ? 1 : 0,
            credential_version: eb('credential_version', '+', 1),
            email_verified: 1,
            updated_at: now,
          }))
          .where('id', '=', accountId)
          .where('email', '=', token.email)
          .where('is_active', '=', 1)
          .executeTakeFirst()
        await transaction.deleteFrom('one_time_tokens').where('account_id', '=', accountId).execute()
        if (updated.numUpdatedRows !== 1n) return false
        await transaction.deleteFrom('known_networks').where('account_id', '=', accountId).execute()
        await removeSessions(transaction, ({ eb }) => eb('account_id', '=', accountId))
        return true
      })
    },

    async redeemEmailVerification({ tokenHash, now }) {
      return atomically(db, async (transaction) => {
        const owner = await transaction
          .selectFrom('one_time_tokens')
          .where('token_hash', '=', tokenHash)
          .select('account_id')
          .executeTakeFirst()
        if (owner === undefined) return null
        await lockAccount(transaction, owner.account_id)
        const token = await transaction
          .deleteFrom('one_time_tokens')
          .where('token_hash', '=', tokenHash)
          .where('purpose', '=', 'email_verification')
          .where('expires_at', '>', now)
          .returning(['account_id', 'email'])
          .executeTakeFirst()
        if (token === undefined) return null
        const { numUpdatedRows } = await transaction
          .updateTable('accounts')
          .set({ email_verified: 1, updated_at: now })
          .where('id', '=', token.account_id)
          .where('email', '=', token.email)
          .executeTakeFirst()
        return numUpdatedRows === 1n ? Number(token.account_id) : null
      })
    },

    pruneOneTimeTokens: (before) =>
      inBatches(() =>
        db
          .deleteFrom('one_time_tokens')
          .where('token_hash', 'in', (query) =>
            query.selectFrom('one_time_tokens').select('token_hash').where('expires_at', '<=', before).limit(BATCH),
          )
          .executeTakeFirst(),
      ),
  }
}

function toPurpose(text: string): LetterPurpose {
  if (text === 'password_reset' || text === 'email_verification') return text
  throw new Error(`A letter of unknown purpose ${text} is in the database.`)
}
