import type { Transaction } from 'kysely'
import type { Schema } from './schema.ts'

/** The account first, then what belongs to it: who comes the other way round would wait for us, and we for them. */
export async function lockAccount(transaction: Transaction<Schema>, accountId: number): Promise<void> {
  await transaction
    .updateTable('accounts')
    .set(({ ref }) => ({ updated_at: ref('updated_at') }))
    .where('id', '=', accountId)
    .execute()
}
