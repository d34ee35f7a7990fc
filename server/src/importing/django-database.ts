import { type Database, quoteName, readDatabaseTime } from './database.ts'
import { findTokenTables, type Table } from './django-token-tables.ts'
import { mapFields } from './map-fields.ts'
import { OTHER_IDS, withoutOwner } from './other-ids.ts'
import { type Place, type RawRow, type Row, type Source, SourceError } from './source.ts'

const ACCOUNTS = 'auth_user'
const PAGE = 1000

/** Times of an account and of a token. SQLite has them as text like any other. */
const TIMES: ReadonlySet<string> = new Set([
  'date_joined',
  'last_login',
  'created',
  'expiry',
  'created_at',
  'expires_at',
])

/**
 * Reads the accounts of a live Django database, and the tokens that Django REST Framework, django-rest-knox and SimpleJWT
 * keep there, if they do.
 *
 * @throws {SourceError} when there is no such table.
 */
export async function openDjangoDatabase(
  database: Database,
  { table = ACCOUNTS, map }: { table?: string | undefined; map?: Readonly<Record<string, string>> | undefined },
): Promise<Source> {
  const found = await findTable(database, table)
  const fieldMap = mapFields({ columns: found.columns, map, isOpen: false })
  const accounts: Table = {
    name: found.name,
    key: found.key,
    select: `select ${[...new Set([found.key, ...fieldMap.columns])].map(quoteName).join(', ')} from ${quoteName(found.name)}`,
    toRow: (row) => ({ kind: 'account', fields: fieldMap.apply(row) }),
  }
  const tokens = await findTokenTables(database)
  const isByKey = fieldMap.idColumn === found.key
  const tables = [accounts, ...tokens]
  const counts: number[] = []
  for (const { name } of tables) counts.push(await count(database, name))
  const total = counts.reduce((sum, rows) => sum + rows, 0)
  let done = 0
  return {
    format: 'database',
    description: `a ${database.engine} database, ${tables.map(({ name }, index) => `${counts[index]} rows of ${name}`).join(', ')}`,
    notes: isByKey || tokens.length === 0 ? fieldMap.notes : [...fieldMap.notes, OTHER_IDS],
    progress: () => ({ done, total, unit: 'rows' }),
    async *rows(after?: Place) {
      done = after?.rows ?? 0
      const line = after === undefined ? null : String(after.line)
      const first = line === null ? 0 : tables.findIndex(({ name }) => line.startsWith(`${name} `))
      if (first === -1) throw new SourceError(`Reading had stopped at ${line}, and that table is there no more.`)
      const reached = line?.slice((tables[first]?.name.length ?? 0) + 1) ?? null
      await database.begin()
      try {
        for (const [index, table] of tables.slice(first).entries()) {
          for await (const row of readTable(database, table, index === 0 ? reached : null)) {
            done++
            yield isByKey || 'problem' in row || row.kind === 'account' ? row : withoutOwner(row)
          }
        }
      } finally {
        await database.end()
      }
    },
    close: () => database.close(),
  }
}

async function* readTable(database: Database, table: Table, after: string | null): AsyncGenerator<RawRow> {
  const { name, key, tie, select, toRow } = table
  const columns = tie === undefined ? [key] : [key, tie]
  const order = `order by ${columns.map(quoteName).join(', ')} limit ${PAGE}`
  for (let last = after === null ? [] : [after]; ; ) {
    const reached = columns.slice(0, last.length).map(quoteName).join(', ')
    const rows =
      last.length === 0
        ? await database.query(`${select} ${order}`)
        : await database.query(`${select} where (${reached}) > (${last.map(() => '?').join(', ')}) ${order}`, last)
    for (const row of rows) {
      last = columns.map((column) => String(row[column]))
      const { kind, fields } = toRow(row)
      yield { line: `${name} ${row[key]}`, kind, fields: withTimes(fields) }
    }
    if (rows.length < PAGE) return
  }
}

function withTimes(fields: Row['fields']): Row['fields'] {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      TIMES.has(name) && typeof value === 'string' ? readDatabaseTime(value) : value,
    ]),
  )
}

async function findTable(
  database: Database,
  table: string,
): Promise<{ name: string; key: string; columns: readonly string[] }> {
  // Whoever knows Django's models rather than its tables says `accounts.user`.
  for (const name of new Set([table, table.replaceAll('.', '_').toLowerCase()])) {
    const description = await database.describe(name)
    if (description === null) continue
    const { key, columns } = description
    if (key === null)
      throw new SourceError(`The table ${name} has no primary key of one column, by which it could be read.`)
    return { name, key, columns }
  }
  const others = await database.listTablesWith('password')
  const [likeliest] = others
  const advice =
    likeliest === undefined
      ? 'No table has a column "password": is this the right database?'
      : `Of the tables that have passwords (${others.slice(0, 10).join(', ')}), name the one of accounts: --table ${likeliest}.`
  throw new SourceError(`There is no table ${table}. ${advice}`)
}

async function count(database: Database, table: string): Promise<number> {
  const [row] = await database.query(`select count(*) as rows from ${quoteName(table)}`)
  return Number(row?.rows ?? 0)
}
