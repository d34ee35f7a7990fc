import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Client } from 'pg'
import { readPostgresUrl } from '../../src/store/database-url.ts'
import { startPostgres } from './postgres-server.ts'
import { makeDirectory } from './server-process.ts'

/** Names the server that the whole test run shares: any URL of it. */
export const SHARED_SERVER = 'LATCHKEY_TEST_POSTGRES'

/** An empty database of a test's own. */
export type TestDatabase = {
  readonly name: string
  readonly url: string
  /** Removes it, and ends whatever is connected to it. */
  drop(): Promise<void>
}

let own: Promise<string> | undefined

/** Makes an empty database: on the server of the test run, or on one of this file's own where a file is run by itself. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const shared = process.env[SHARED_SERVER]
  own ??=
    shared === undefined
      ? startPostgres({ settings: FAST }).then((server) => server.url('postgres'))
      : Promise.resolve(shared)
  const url = await own
  const name = `test_${randomBytes(8).toString('hex')}`
  await runSql(url, `create database ${name}`)
  return {
    name,
    url: url.replace('/postgres?', `/${name}?`),
    drop: () => runSql(url, `drop database if exists ${name} with (force)`),
  }
}

/** Where only right answers are looked for, nothing has to survive a power cut. */
export const FAST: Readonly<Record<string, string>> = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
}

/** Runs SQL in the database of a URL, past Latchkey. */
export async function runSql(url: string, text: string): Promise<void> {
  const client = await connectTo(url)
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}

/** Connects to the database of a URL, past Latchkey. */
export async function connectTo(url: string): Promise<Client> {
  const reading = readPostgresUrl(url)
  if ('problems' in reading) throw new Error(reading.problems.join(' '))
  const { user, database, hosts } = reading.value
  const client = new Client({ user, database, ...hosts[0] })
  await client.connect()
  return client
}

/** Which database tests run on that do not care: `postgres`, or SQLite. `npm test` runs them on both. */
export const ENGINE = 'LATCHKEY_TEST_ENGINE'

/** An empty database that several processes can open, on the engine of this run. */
export async function createSharedDatabase(): Promise<Pick<TestDatabase, 'url' | 'drop'>> {
  if (process.env[ENGINE] === 'postgres') return createTestDatabase()
  return { url: `sqlite:${join(makeDirectory(), 'latchkey.db')}`, drop: async () => {} }
}
