import type { Kysely } from 'kysely'
import type { KeyStore, StoredKey } from '../../core/ports.ts'
import { atomically } from './atomically.ts'
import { toStoredKey } from './rows.ts'
import type { Schema } from './schema.ts'

/** Says which key was the first; it outlives the key. */
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
        await transaction
          .insertInto('signing_keys')
          .values({
            kid: key.kid,
            algorithm: key.algorithm,
            public_jwk: key.publicJwk,
            sealed_private_jwk: key.sealedPrivateJwk,
            created_at: key.createdAt,
          })
          .execute()
        return [key]
      })
    },

    listKeys: () => selectKeys(db),
  }
}

async function selectKeys(db: Kysely<Schema>): Promise<StoredKey[]> {
  const rows = await db
    .selectFrom('signing_keys')
    .select(['kid', 'algorithm', 'public_jwk', 'sealed_private_jwk', 'created_at'])
    .orderBy('created_at', 'desc')
    .execute()
  return rows.map(toStoredKey)
}
