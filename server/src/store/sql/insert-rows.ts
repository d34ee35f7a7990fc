import { type Kysely, sql } from 'kysely'
import type { Engine } from './dialect.ts'
import type { Schema } from './schema.ts'

/** A value as JSON has it, and every engine after it. */
export type Value = string | number | null

/** Where rows go: the columns in the order of their values, and which of them hold whole numbers. */
export type Target = {
  readonly table: keyof Schema
  readonly columns: readonly string[]
  readonly integers: readonly string[]
  /** The column or columns in which rows that are there already win. */
  readonly unique: readonly string[]
}

/**
 * Adds rows, hundreds of them at the price of one statement with one parameter. Those that meet a row which is there
 * already are left out.
 *
 * @returns of each row that was added the columns in `returning`.
 */
export async function insertRows<Row>(
  { db, engine }: { db: Kysely<Schema>; engine: Pick<Engine, 'eachOf'> },
  { table, columns, integers, unique }: Target,
  rows: readonly (readonly Value[])[],
  returning: readonly (keyof Row & string)[],
): Promise<readonly Row[]> {
  if (rows.length === 0) return []
  const values = columns.map((column, index) => {
    const value = sql`each.value ->> ${sql.lit(index)}`
    return integers.includes(column) ? sql`cast(${value} as bigint)` : value
  })
  const { rows: added } = await sql<Row>`
    insert into ${sql.table(table)} (${sql.join(columns.map((column) => sql.ref(column)))})
    select ${sql.join(values)} from ${sql.raw(engine.eachOf)}(${JSON.stringify(rows)}) as each where true
    on conflict (${sql.join(unique.map((column) => sql.ref(column)))}) do nothing
    returning ${sql.join(returning.map((column) => sql.ref(column)))}`.execute(db)
  return added
}
