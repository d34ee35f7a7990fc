import type { Kysely } from 'kysely'
import type { KeyStore } from '../../core/ports.ts'
import { toStoredKey } from './rows.ts'
import type { Schema } from './schema.ts'

/** Signing keys, their private halves sealed. */
export function createKeyStore(db: Kysely<Schema>): KeyStore {
  return {
    async addFirstKey(key) {
      return db.transaction().execute(async (transaction) => {
        const existing = await transaction
          .selectFrom('signing_keys')
          .selectAll()
          .orderBy('created_at', 'desc')
          .execute()
        if (existing.length > 0) return existing.map(toStoredKey)
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

    async listKeys() {
      const rows = await db.selectFrom('signing_keys').selectAll().orderBy('created_at', 'desc').execute()
      return rows.map(toStoredKey)
    },
  }
}
