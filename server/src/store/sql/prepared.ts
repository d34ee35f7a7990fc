import type { CompiledQuery, Kysely } from 'kysely'
import type { Engine } from './dialect.ts'
import type { Schema } from './schema.ts'

/**
 * Compiles a query once, for the handful that every request runs; afterwards only its values change. `build` writes the
 * query with placeholders of the right types: their values are thrown away, their order is the order of `values`.
 * What Kysely does around each query takes several times as long as a lookup itself, so an engine that can read at once
 * is asked past it.
 */
export function prepare<Row, Values extends readonly (string | number | null)[]>(
  { db, engine }: { db: Kysely<Schema>; engine: Pick<Engine, 'readNow'> },
  build: (db: Kysely<Schema>) => { compile(): CompiledQuery<Row> },
): (...values: Values) => Promise<Row[]> {
  const compiled = build(db).compile()
  return async (...values) => {
    const query = { ...compiled, parameters: values }
    return engine.readNow<Row>(query) ?? (await db.executeQuery<Row>(query)).rows
  }
}
