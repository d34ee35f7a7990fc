import type { CompiledQuery, Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/**
 * Compiles a query once, for the handful that every request runs; afterwards only its values change. `build` writes the
 * query with placeholders of the right types: their values are thrown away, their order is the order of `values`.
 */
export function prepare<Row, Values extends readonly (string | number | null)[]>(
  db: Kysely<Schema>,
  build: (db: Kysely<Schema>) => { compile(): CompiledQuery<Row> },
): (...values: Values) => Promise<Row[]> {
  const compiled = build(db).compile()
  return async (...values) => {
    const { rows } = await db.executeQuery<Row>({ ...compiled, parameters: values })
    return rows
  }
}
