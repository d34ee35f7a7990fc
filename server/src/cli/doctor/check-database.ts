import { existsSync } from 'node:fs'
import type { Config } from '../../config/config.ts'
import { findMadeSecretFile, readMadeSecret } from '../../config/ensure-secret.ts'
import { findDatabaseFile } from '../../config/read-database-url.ts'
import type { StoreFacts } from '../../core/ports.ts'
import { openLatchkey } from '../../start.ts'
import { describeError } from '../report-error.ts'
import type { Finding } from './finding.ts'

/** Opens the database, if there is one, and looks at it. */
export async function checkDatabase(config: Config): Promise<readonly Finding[]> {
  const file = findDatabaseFile(config)
  if (file === null) {
    return [{ about: 'database', level: 'warn', says: 'in memory: everything is forgotten when the server ends' }]
  }
  if (!existsSync(file)) {
    const says = `there is none yet at ${file}: latchkey migrate or latchkey serve makes it`
    return [{ about: 'database', level: 'warn', says }]
  }
  const secretFile = findMadeSecretFile(config)
  if (secretFile !== null && 'problems' in readMadeSecret(secretFile)) {
    return [{ about: 'database', level: 'warn', says: 'not opened, because its secret cannot be used: see above' }]
  }
  try {
    const latchkey = await openLatchkey(config)
    try {
      const facts = await latchkey.inspect()
      return [
        checkIntegrity(facts),
        checkMigrations(facts),
        ...checkDurability(facts),
        checkForwardedHeaders(await latchkey.readNote('untrusted_forwarded_header')),
      ]
    } finally {
      await latchkey.close()
    }
  } catch (error) {
    return [{ about: 'database', level: 'FAIL', says: describeError(error).replaceAll('\n', ' ') }]
  }
}

function checkIntegrity({ engine, location, accounts, sessions, integrity }: StoreFacts): Finding {
  const about = 'database'
  if (integrity === 'ok') {
    return { about, level: 'ok', says: `${engine} ${location}, sound; accounts: ${accounts}, sessions: ${sessions}` }
  }
  const says = `${location} is damaged (${integrity}): stop the server, keep a copy, and restore your last backup`
  return { about, level: 'FAIL', says }
}

function checkMigrations({ appliedMigrations, pendingMigrations }: StoreFacts): Finding {
  const about = 'migrations'
  if (pendingMigrations.length === 0) {
    return { about, level: 'ok', says: `${appliedMigrations.length} applied, none pending` }
  }
  return { about, level: 'FAIL', says: `pending: ${pendingMigrations.join(', ')}. Run: latchkey migrate` }
}

/** What a commit needs to survive a power cut. SQLite says `2` for FULL and `3` for EXTRA. */
function checkDurability({ settings }: StoreFacts): readonly Finding[] {
  const needed: Readonly<Record<string, readonly string[]>> = {
    journal_mode: ['wal'],
    synchronous: ['2', 'full', '3', 'extra'],
  }
  return Object.entries(needed).map(([name, good]) => {
    const value = settings[name]?.toLowerCase()
    const about = 'durability'
    if (value !== undefined && good.includes(value)) return { about, level: 'ok', says: `${name} is ${value}` }
    const says = `${name} is ${value ?? 'unknown'}: what is acknowledged may be lost in a power cut. `
    return { about, level: 'FAIL', says: `${says}Put the database on a local disk, not a network share` }
  })
}

function checkForwardedHeaders(note: string | null): Finding {
  const about = 'proxies'
  if (note === null) return { about, level: 'ok', says: 'no forwarded header came from an address that is not trusted' }
  const says =
    `a forwarded header came from an address that is not trusted and was ignored (${note}). ` +
    'If it is your proxy, name it in LATCHKEY_TRUSTED_PROXIES: until then all its clients count as one'
  return { about, level: 'warn', says }
}
