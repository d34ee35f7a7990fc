/** A live database that is read and never written. */
export type Database = {
  /** The name of its engine. */
  readonly engine: string
  /** The columns of a table and the one that is its primary key, or `null` where there is no such table. */
  describe(table: string): Promise<TableDescription | null>
  /** Tables that have a column of this name. */
  listTablesWith(column: string): Promise<readonly string[]>
  /** Rows of a statement; each `?` in it stands for the next of `values`. */
  query(text: string, values?: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** What is read between these two is as it was at `begin`, where the engine can do that and let others write. */
  begin(): Promise<void>
  end(): Promise<void>
  close(): Promise<void>
}

/** What a table is like. */
export type TableDescription = { readonly columns: readonly string[]; readonly key: string | null }

/** A name as SQL has it; dots part a schema from its table. */
export function quoteName(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.')
}

/** A time as Django's databases have it, in UTC, as everybody else writes it. */
export function readDatabaseTime(text: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)(?:Z|\+00(?::?00)?)?$/.exec(text)
  return parts === null ? text : `${parts[1]}T${parts[2]}Z`
}
