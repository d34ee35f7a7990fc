import type { Kysely, Transaction } from 'kysely'
import type { Schema } from './schema.ts'

/** Remembers that accounts of a source were imported: from then on its ids are told from those of any other. */
export async function noteSource(transaction: Transaction<Schema>, source: string): Promise<void> {
  await transaction
    .insertInto('notes')
    .values({ name: nameNote(source), value: '' })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
}

/** Whether accounts of a source were ever imported, and not only moved in one by one. */
export async function isImportedSource(db: Kysely<Schema>, source: string): Promise<boolean> {
  const row = await db.selectFrom('notes').select('name').where('name', '=', nameNote(source)).executeTakeFirst()
  return row !== undefined
}

function nameNote(source: string): string {
  return `imported source ${source}`
}
