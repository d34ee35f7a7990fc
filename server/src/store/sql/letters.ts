import { type Kysely, sql, type Transaction } from 'kysely'
import type { LetterPurpose } from '../../core/mail.ts'
import type { LetterStore } from '../../core/ports.ts'
import { atomically } from './atomically.ts'
import { BATCH, inBatches } from './in-batches.ts'
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

    async redeemPasswordReset({ tokenHash, accountId, passwordHash, now }) {
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
        await transaction.deleteFrom('sessions').where('account_id', '=', accountId).execute()
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
        if (owner === undefined) return false
        await lockAccount(transaction, owner.account_id)
        const token = await transaction
          .deleteFrom('one_time_tokens')
          .where('token_hash', '=', tokenHash)
          .where('purpose', '=', 'email_verification')
          .where('expires_at', '>', now)
          .returning(['account_id', 'email'])
          .executeTakeFirst()
        if (token === undefined) return false
        const { numUpdatedRows } = await transaction
          .updateTable('accounts')
          .set({ email_verified: 1, updated_at: now })
          .where('id', '=', token.account_id)
          .where('email', '=', token.email)
          .executeTakeFirst()
        return numUpdatedRows === 1n
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

/** The account first, then what belongs to it: who comes the other way round would wait for us, and we for them. */
async function lockAccount(transaction: Transaction<Schema>, accountId: number): Promise<void> {
  await transaction
    .updateTable('accounts')
    .set(({ ref }) => ({ updated_at: ref('updated_at') }))
    .where('id', '=', accountId)
    .execute()
}

function toPurpose(text: string): LetterPurpose {
  if (text === 'password_reset' || text === 'email_verification') return text
  throw new Error(`A letter of unknown purpose ${text} is in the database.`)
}
