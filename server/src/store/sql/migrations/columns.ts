import type { ColumnDefinitionBuilder } from 'kysely'

/** How columns are written that engines word differently. */
export type Columns = {
  /** The type of an id, here and where it is referred to. */
  readonly id: 'integer' | 'bigint'
  /** A primary key that the engine counts up, and never gives twice. */
  identity(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder
}
