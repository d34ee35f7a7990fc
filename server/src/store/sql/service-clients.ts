import type { Kysely } from 'kysely'
import type { ServiceClient, ServiceClientStore } from '../../core/ports.ts'
import type { Engine } from './dialect.ts'
import { prepare } from './prepared.ts'
import type { Schema, ServiceClientRow } from './schema.ts'

const CLIENT_COLUMNS = ['id', 'name', 'may_revoke', 'created_at', 'rotated_at', 'previous_until'] as const

/** Services that may ask about tokens. The unique index over names decides who is called what. */
export function createServiceClientStore(db: Kysely<Schema>, engine: Pick<Engine, 'readNow'>): ServiceClientStore {
  const selectById = prepare({ db, engine }, (db) =>
    db
      .selectFrom('service_clients')
      .select([...CLIENT_COLUMNS, 'secret_hash', 'previous_secret_hash'])
      .where('id', '=', ''),
  )
  const selectByName = prepare({ db, engine }, (db) =>
    db
      .selectFrom('service_clients')
      .select([...CLIENT_COLUMNS, 'secret_hash', 'previous_secret_hash'])
      .where('name', '=', ''),
  )

  return {
    async addServiceClient({ id, name, mayRevoke, createdAt, secretHash }) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('service_clients')
        .values({
          id,
          name,
          secret_hash: secretHash,
          may_revoke: mayRevoke ? 1 : 0,
          created_at: createdAt,
          rotated_at: null,
          previous_secret_hash: null,
          previous_until: null,
        })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },

    async findServiceClient(reference) {
      const [row] = await (reference.by === 'id' ? selectById(reference.id) : selectByName(reference.name))
      if (row === undefined) return null
      return {
        client: toServiceClient(row),
        secretHash: row.secret_hash,
        previousSecretHash: row.previous_secret_hash,
      }
    },

    async listServiceClients() {
      const rows = await db.selectFrom('service_clients').select(CLIENT_COLUMNS).orderBy('name').execute()
      return rows.map(toServiceClient)
    },

    async replaceServiceSecret({ id, secretHash, previousUntil, now }) {
      const row = await db
        .updateTable('service_clients')
        .set(({ ref, val }) => ({
          // What stands on the right is what was there before.
          previous_secret_hash: previousUntil === null ? val(null) : ref('secret_hash'),
          previous_until: previousUntil,
          secret_hash: secretHash,
          rotated_at: now,
        }))
        .where('id', '=', id)
        .returning(CLIENT_COLUMNS)
        .executeTakeFirst()
      return row === undefined ? null : toServiceClient(row)
    },

    async deleteServiceClient(id) {
      const { numDeletedRows } = await db.deleteFrom('service_clients').where('id', '=', id).executeTakeFirst()
      return numDeletedRows === 1n
    },
  }
}

function toServiceClient(row: Pick<ServiceClientRow, (typeof CLIENT_COLUMNS)[number]>): ServiceClient {
  return {
    id: row.id,
    name: row.name,
    mayRevoke: Number(row.may_revoke) === 1,
    createdAt: Number(row.created_at),
    rotatedAt: row.rotated_at === null ? null : Number(row.rotated_at),
    previousUntil: row.previous_until === null ? null : Number(row.previous_until),
  }
}
