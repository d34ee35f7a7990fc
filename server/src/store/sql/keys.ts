import type { Kysely, Transaction } from 'kysely'
import type { KeyStore, NewKey, StoredKey } from '../../core/ports.ts'
import { findSigningKey } from '../../core/signing-key.ts'
import { atomically } from './atomically.ts'
import { toStoredKey } from './rows.ts'
import type { Schema } from './schema.ts'

/** Says which key was the first; it outlives the key. Whoever changes keys holds its row, so that one does at a time. */
const FIRST_KEY_NOTE = 'first_signing_key'

/** Signing keys, their private halves sealed. */
export function createKeyStore(db: Kysely<Schema>): KeyStore {
  return {
    async addFirstKey(key) {
      return atomically(db, async (transaction) => {
        const existing = await selectKeys(transaction)
        if (existing.length > 0) return existing
        // The note's primary key is the judge: whoever comes second waits here until the first is done, and finds its key.
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('notes')
          .values({ name: FIRST_KEY_NOTE, value: key.kid })
          .onConflict((conflict) => conflict.column('name').doNothing())
          .executeTakeFirstOrThrow()
        if (numInsertedOrUpdatedRows === 0n) return selectKeys(transaction)
        await insertKey(transaction, key)
        return selectKeys(transaction)
      })
    },

    listKeys: () => selectKeys(db),

    async addNextKey(key, { after }) {
      return atomically(db, async (transaction) => {
        await takeTurn(transaction)
        const follower = await transaction
          .updateTable('signing_keys')
          .set({ retired_at: key.activeFrom })
          .where('kid', '=', after)
          .where('retired_at', 'is', null)
          .where('revoked_at', 'is', null)
          .executeTakeFirstOrThrow()
        if (follower.numUpdatedRows === 0n) return false
        await insertKey(transaction, key)
        return true
      })
    },

    async revokeKey(kid, { replacement, now }) {
      return atomically(db, async (transaction) => {
        await takeTurn(transaction)
        const { numUpdatedRows } = await transaction
          .updateTable('signing_keys')
          .set({ revoked_at: now })
          .where('kid', '=', kid)
          .where('revoked_at', 'is', null)
          .executeTakeFirstOrThrow()
        if (numUpdatedRows === 0n) return null
        await closeGap(transaction, { replacement, now })
        return selectKeys(transaction)
      })
    },

    async noteLifetime(kid, seconds) {
      await db
        .updateTable('signing_keys')
        .set({ longest_lifetime: seconds })
        .where('kid', '=', kid)
        .where('longest_lifetime', '<', seconds)
        .execute()
    },

    async removeKeys(kids) {
      if (kids.length === 0) return []
      const removed = await db.deleteFrom('signing_keys').where('kid', 'in', kids).returning('kid').execute()
      return removed.map(({ kid }) => kid)
    },

    async countSignedSessions({ from, until, now }) {
      const { count } = await db
        .selectFrom('sessions')
        .select(({ fn }) => fn.countAll().as('count'))
        .where('kind', 'in', ['jwt', 'pair'])
        .where('created_at', '>=', from)
        .where('created_at', '<=', until)
        .where('expires_at', '>', now)
        .executeTakeFirstOrThrow()
      return Number(count)
    },
  }
}

/** Waits until nobody else is changing keys, and lets nobody until the group of statements is done. */
async function takeTurn(transaction: Transaction<Schema>): Promise<void> {
  await transaction
    .updateTable('notes')
    .set(({ ref }) => ({ value: ref('value') }))
    .where('name', '=', FIRST_KEY_NOTE)
    .execute()
}

/** After a key was revoked: sees that one signs, and that there is one which goes on until another follows it. */
async function closeGap(
  transaction: Transaction<Schema>,
  { replacement, now }: { replacement: NewKey; now: number },
): Promise<void> {
  const keys = await selectKeys(transaction)
  const sound = keys.filter(({ revokedAt, retiredAt }) => revokedAt === null && (retiredAt === null || retiredAt > now))
  const [latest] = sound
  const signing = findSigningKey(sound, now)
  if (latest === undefined || signing === null) return insertKey(transaction, replacement)
  // Not only of the one that signs by this clock: one that is ahead may have had the one after it followed already.
  if (sound.every(({ retiredAt }) => retiredAt !== null)) await changeKey(transaction, latest.kid, { retired_at: null })
  if (signing.activeFrom > now) await changeKey(transaction, signing.kid, { active_from: now })
}

async function changeKey(
  transaction: Transaction<Schema>,
  kid: string,
  change: { readonly retired_at: null } | { readonly active_from: number },
): Promise<void> {
  await transaction.updateTable('signing_keys').set(change).where('kid', '=', kid).execute()
}

async function insertKey(transaction: Transaction<Schema>, key: NewKey): Promise<void> {
  await transaction
    .insertInto('signing_keys')
    .values({
      kid: key.kid,
      algorithm: key.algorithm,
      public_jwk: key.publicJwk,
      sealed_private_jwk: key.sealedPrivateJwk,
      created_at: key.createdAt,
      active_from: key.activeFrom,
    })
    .execute()
}

async function selectKeys(db: Kysely<Schema>): Promise<StoredKey[]> {
  // No column is named: doctor looks at databases that are not up to date, and there not all of them are.
  const rows = await db.selectFrom('signing_keys').selectAll().execute()
  return rows.map(toStoredKey).toSorted((a, b) => b.activeFrom - a.activeFrom || b.createdAt - a.createdAt)
}
