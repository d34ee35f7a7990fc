import { hash } from '@node-rs/argon2'
import { openStore } from '../../server/src/store/open.ts'
import { ARGON2 } from '../tools/describe-machine.ts'
import { type Database, TABLES, type Weight } from './database.ts'
import { PASSWORD } from './made-up.ts'
import { ACCOUNTS_PER_COUNTER, SESSIONS_EACH, SIZES } from './plan.ts'
import { showBar } from './show-bar.ts'
import { writeRows } from './write-rows.ts'

/** Accounts that are added at a time. */
const CHUNK = 20_000

/** What filling a database took, and what it weighs then. */
export type Filling = {
  readonly accounts: number
  /** From the first row until everything is on disk. */
  readonly seconds: number
  readonly rowsPerSecond: number
  readonly weight: Weight
  /** Bytes on disk, indexes included. */
  readonly perAccount: number
  readonly perSession: number
  readonly perCounter: number
}

/** Lets Latchkey make its tables, and fills them. */
export async function fill(database: Database): Promise<Filling> {
  const { store } = await openStore(database.url)
  await store.close()
  const accounts = SIZES[database.size]
  const passwordHash = await hash(PASSWORD, ARGON2)
  const bar = showBar(`${database.engine} ${database.size}: accounts`, accounts)
  const started = performance.now()
  const loader = await database.openLoader()
  for (let from = 1; from <= accounts; from += CHUNK) {
    const to = Math.min(from + CHUNK - 1, accounts)
    for (const statement of writeRows({ from, to, passwordHash, now: Date.now() })) await loader.run(statement)
    bar.advance(to)
  }
  await loader.finish()
  const seconds = (performance.now() - started) / 1000
  const weight = await database.weigh()
  const counters = (2 * accounts) / ACCOUNTS_PER_COUNTER
  const rows = accounts * (TABLES.length - 2 + SESSIONS_EACH) + counters
  const bytesOf = (table: (typeof TABLES)[number]) => weight.tables[table] ?? 0
  return {
    accounts,
    seconds,
    rowsPerSecond: rows / seconds,
    weight,
    perAccount: (bytesOf('accounts') + bytesOf('identifiers')) / accounts,
    perSession: bytesOf('sessions') / (accounts * SESSIONS_EACH),
    perCounter: bytesOf('attempts') / counters,
  }
}
