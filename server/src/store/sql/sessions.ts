import type { Kysely, Transaction } from 'kysely'
import { isLegacySessionId } from '../../core/legacy-session-id.ts'
import type { NewSession, SessionStore } from '../../core/ports.ts'
import { atomically } from './atomically.ts'
import type { Engine } from './dialect.ts'
import { endLegacySession } from './end-legacy-session.ts'
import { BATCH, inBatches } from './in-batches.ts'
import { prepare } from './prepared.ts'
import { removeSessions } from './remove-sessions.ts'
import type { Schema } from './schema.ts'
import { settleAttempts } from './settle-attempts.ts'
import { selectStored, toStoredSession } from './stored-sessions.ts'

const DAY = 86_400_000

/** Sessions. A row that is there and current is a live session; ending one is removing its row. */
export function createSessionStore(
  db: Kysely<Schema>,
  engine: Pick<Engine, 'readNow' | 'allowSlowStatements'>,
): SessionStore {
  const selectById = prepare({ db, engine }, (db) => selectStored(db).where('sessions.id', '=', ''))
  const selectByToken = prepare({ db, engine }, (db) => selectStored(db).where('sessions.token_hash', '=', ''))

  const selectNetwork = prepare({ db, engine }, (db) =>
    db
      .selectFrom('known_networks')
      .select('last_seen_at')
      .where('account_id', '=', 0)
      .where('digest', '=', '')
      .where('last_seen_at', '>=', 0),
  )
  const selectRevokedKey = prepare({ db, engine }, (db) =>
    db.selectFrom('revoked_keys').select('account_id').where('token_hash', '=', '').where('expires_at', '>', 0),
  )

  return {
    async openSession(session, { credentialVersion, settlement, networkDigest }) {
      return atomically(db, async (transaction) => {
        const updated = await transaction
          .updateTable('accounts')
          .set({ last_login_at: session.createdAt })
          .where('id', '=', session.accountId)
          .where('is_active', '=', 1)
          .where('credential_version', '=', credentialVersion)
          .executeTakeFirst()
        if (updated.numUpdatedRows !== 1n) return false
        await transaction
          .insertInto('sessions')
          .values({
            id: session.id,
            account_id: session.accountId,
            kind: session.kind,
            contract: session.contract,
            token_hash: session.tokenHash,
            credential_version: credentialVersion,
            created_at: session.createdAt,
            expires_at: session.expiresAt,
            network: session.network,
            user_agent: session.userAgent,
          })
          .execute()
        if (networkDigest !== null) await rememberNetwork(transaction, session, networkDigest)
        // Last: the counters of a network are shared by everybody in it, and nobody should wait for them for long.
        await settleAttempts(transaction, settlement)
        return true
      })
    },

    async isKnownNetwork({ accountId, digest, since }) {
      const [row] = await selectNetwork(accountId, digest, since)
      return row !== undefined
    },

    pruneKnownNetworks: (before) =>
      inBatches(() =>
        db
          .deleteFrom('known_networks')
          .where('digest', 'in', (query) =>
            query.selectFrom('known_networks').select('digest').where('last_seen_at', '<', before).limit(BATCH),
          )
          .where('last_seen_at', '<', before)
          .executeTakeFirst(),
      ),

    async findRevokedKey(tokenHash, now) {
      const [row] = await selectRevokedKey(tokenHash, now)
      return row === undefined ? null : { accountId: Number(row.account_id) }
    },

    async findSession(id) {
      const [row] = await selectById(id)
      return row === undefined ? null : toStoredSession(row)
    },

    async findSessionByToken(tokenHash) {
      const [row] = await selectByToken(tokenHash)
      return row === undefined ? null : toStoredSession(row)
    },

    async endSession(id) {
      const ended = await atomically(db, (transaction) =>
        isLegacySessionId(id)
          ? endLegacySession(transaction, id)
          : removeSessions(transaction, ({ eb }) => eb('id', '=', id)),
      )
      return ended === 1
    },

    endSessions: (accountId) =>
      atomically(db, async (transaction) => {
        await transaction
          .updateTable('accounts')
          .set({ takes_legacy_tokens: 0 })
          .where('id', '=', accountId)
          .where('takes_legacy_tokens', '=', 1)
          .execute()
        return removeSessions(transaction, ({ eb }) => eb('account_id', '=', accountId))
      }),

    async endEverySession() {
      const oneTimeTokens = await atomically(db, async (transaction) => {
        await engine.allowSlowStatements(transaction)
        // With this every session is over, and every login that is under way.
        await transaction
          .updateTable('accounts')
          .set(({ eb }) => ({ credential_version: eb('credential_version', '+', 1), takes_legacy_tokens: 0 }))
          .execute()
        await transaction.deleteFrom('letters').execute()
        const { numDeletedRows } = await transaction.deleteFrom('one_time_tokens').executeTakeFirst()
        return Number(numDeletedRows)
      })
      // The rows that are left mean nothing; nobody has to wait until they are gone.
      const sessions = await inBatches(async () => {
        const removed = await atomically(db, (transaction) =>
          removeSessions(transaction, ({ eb, selectFrom }) =>
            eb(
              'id',
              'in',
              selectFrom('sessions as stale')
                .innerJoin('accounts', 'accounts.id', 'stale.account_id')
                .whereRef('stale.credential_version', '!=', 'accounts.credential_version')
                .select('stale.id')
                .limit(BATCH),
            ),
          ),
        )
        return { numDeletedRows: BigInt(removed) }
      })
      return { sessions, oneTimeTokens }
    },

    async listSessions({ accountId, now, limit }) {
      const rows = await selectStored(db)
        .where('accounts.is_active', '=', 1)
        .whereRef('sessions.credential_version', '=', 'accounts.credential_version')
        .where('sessions.expires_at', '>', now)
        .$if(accountId !== undefined, (query) => query.where('sessions.account_id', '=', accountId ?? 0))
        .orderBy('sessions.created_at', 'desc')
        .limit(limit)
        .execute()
      return rows.map((row) => toStoredSession(row).session)
    },

    async pruneSessions(before) {
      await inBatches(() =>
        db
          .deleteFrom('revoked_keys')
          .where('token_hash', 'in', (query) =>
            query.selectFrom('revoked_keys').select('token_hash').where('expires_at', '<', before).limit(BATCH),
          )
          .executeTakeFirst(),
      )
      return inBatches(() =>
        db
          .deleteFrom('sessions')
          .where('id', 'in', (query) =>
            query.selectFrom('sessions').select('id').where('expires_at', '<', before).limit(BATCH),
          )
          .executeTakeFirst(),
      )
    },
  }
}

/** A network is noted once a day at most: a login writes as little as it can. */
async function rememberNetwork(
  transaction: Transaction<Schema>,
  { accountId, createdAt }: NewSession,
  digest: string,
): Promise<void> {
  await transaction
    .insertInto('known_networks')
    .values({ account_id: accountId, digest, last_seen_at: createdAt })
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'digest'])
        .doUpdateSet({ last_seen_at: createdAt })
        .where('known_networks.last_seen_at', '<', createdAt - DAY),
    )
    .execute()
}
