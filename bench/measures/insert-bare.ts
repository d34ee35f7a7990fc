import { randomUUID } from 'node:crypto'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { PostgresServer } from '../../server/test/kit/postgres-server.ts'
import { makeUpUser, writeLines } from './made-up-users.ts'

const NOW = 1_700_000_000_000
/** As many rows as Latchkey keeps in one commit. */
const BATCH = 500

const ACCOUNT =
  'id, subject, email, username, email_verified, name, first_name, last_name, phone_number, is_active, is_staff, password_hash, credential_version, has_weak_password, legacy_format, takes_legacy_tokens, created_at, updated_at, last_login_at'
const NAME = 'value, account_id, kind'
const LEGACY_ID = 'source, legacy_id, account_id, imported_at, imported_format'

type Values = readonly (string | number)[]

/** The rows that an import of user number `n` leaves. */
function makeUpRows(n: number): { account: Values; names: readonly Values[]; legacyId: Values } {
  const { username, email, password } = makeUpUser(n)
  const subject = randomUUID()
  const profile = ['Ada Lovelace', 'Ada', 'Lovelace', '']
  const format = 'django-pbkdf2-sha256'
  return {
    account: [n, subject, email, username, 0, ...profile, 1, 0, password, 1, 0, format, 1, NOW, NOW, NOW],
    names: [
      [username, n, 'username'],
      [email, n, 'email'],
    ],
    legacyId: ['default', String(n), n, NOW, format],
  }
}

/** Adds the same rows as an import to a database that has its schema, by SQLite alone; says how long it took, in milliseconds. */
export function insertBareSqlite(file: string, count: number): number {
  const started = performance.now()
  const database = new DatabaseSync(file)
  database.exec('pragma journal_mode=WAL; pragma synchronous=FULL')
  const prepare = (table: string, columns: string) =>
    database.prepare(`insert into ${table} (${columns}) values (${columns.replace(/\w+/g, '?')})`)
  const [account, name, legacyId] = [
    prepare('accounts', ACCOUNT),
    prepare('identifiers', NAME),
    prepare('legacy_ids', LEGACY_ID),
  ]
  for (let from = 1; from <= count; from += BATCH) {
    database.exec('begin immediate')
    for (let n = from; n < from + BATCH && n <= count; n++) {
      const rows = makeUpRows(n)
      account.run(...rows.account)
      for (const row of rows.names) name.run(...row)
      legacyId.run(...rows.legacyId)
    }
    database.exec('commit')
  }
  database.close()
  return performance.now() - started
}

/** The same by PostgreSQL's own COPY, one for each table, from files that are there already. */
export async function copyBarePostgres(server: PostgresServer, database: string, count: number): Promise<number> {
  const write = async (table: string, line: (n: number) => string) => {
    const file = join(server.directory, `${table}.tsv`)
    await writeLines(file, count, line)
    chmodSync(file, 0o644)
    return file
  }
  const toLine = (row: Values) => `${row.join('\t')}\n`
  const tables: [string, string, string][] = [
    ['accounts', ACCOUNT, await write('accounts', (n) => toLine(makeUpRows(n).account))],
    ['identifiers', NAME, await write('identifiers', (n) => makeUpRows(n).names.map(toLine).join(''))],
    ['legacy_ids', LEGACY_ID, await write('legacy_ids', (n) => toLine(makeUpRows(n).legacyId))],
  ]
  const started = performance.now()
  for (const [table, columns, file] of tables) {
    await server.query(`copy ${table} (${columns}) from '${file}'`, database)
  }
  return performance.now() - started
}
