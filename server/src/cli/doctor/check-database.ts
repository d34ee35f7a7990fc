import { existsSync } from 'node:fs'
import type { Config } from '../../config/config.ts'
import { createRangeTest } from '../../config/read-addresses.ts'
import { findDatabaseFile, isInMemory, isOpenOnTheWay } from '../../config/read-database-url.ts'
import type { StoreFacts } from '../../core/ports.ts'
import { inspectDatabase } from '../../inspect-database.ts'
import { describeError } from '../report-error.ts'
import { wordNoDatabase } from '../with-latchkey.ts'
import { checkKeys } from './check-keys.ts'
import { checkLegacyHashes } from './check-legacy-hashes.ts'
import { checkLegacyAnswers } from './check-legacy-servers.ts'
import { checkWebhook } from './check-webhook.ts'
import type { Finding } from './finding.ts'

const WRONG_SECRET: Finding = {
  about: 'secret',
  level: 'FAIL',
  says: 'is not the one this database was sealed under: set LATCHKEY_SECRET (or the file beside the database) back',
}

/** Looks at the database, if there is one, and leaves it as it is. */
export async function checkDatabase(config: Config): Promise<readonly Finding[]> {
  const file = findDatabaseFile(config)
  if (isInMemory(config)) {
    return [{ about: 'database', level: 'warn', says: 'in memory: everything is forgotten when the server ends' }]
  }
  if (file !== null && !existsSync(file)) return [{ about: 'database', level: 'FAIL', says: wordNoDatabase(file) }]
  try {
    const { facts, untrustedPeer, isSecretRight, keys, webhook, legacyHashes, legacyAnswers } =
      await inspectDatabase(config)
    return [
      checkIntegrity(facts),
      checkMigrations(facts),
      ...checkWeakPasswords(facts),
      ...(legacyHashes === null ? [] : checkLegacyHashes(legacyHashes)),
      ...checkLegacyAnswers(legacyAnswers),
      ...(isSecretRight ? [] : [WRONG_SECRET]),
      ...checkKeys(keys, config, Date.now()),
      ...checkDurability(facts, file === null ? POSTGRES_NEEDS : SQLITE_NEEDS),
      ...checkWay(config),
      checkForwardedHeaders(untrustedPeer, config),
      ...(webhook === null ? [] : [checkWebhook(webhook, config, Date.now())]),
    ]
  } catch (error) {
    return [{ about: 'database', level: 'FAIL', says: describeError(error).replaceAll('\n', ' ') }]
  }
}

function checkIntegrity(facts: StoreFacts): Finding {
  const { engine, location, accounts, sessions, integrity } = facts
  const about = 'database'
  if (integrity === 'ok') {
    // Before it is up to date, nobody counts.
    const counts = facts.pendingMigrations.length > 0 ? '' : `; accounts: ${accounts}, sessions: ${sessions}`
    return { about, level: 'ok', says: `${engine} ${location}, sound${counts}` }
  }
  const says = `${location} is damaged (${integrity}): stop the server, keep a copy, and restore your last backup: npm run latchkey -- restore FILE`
  return { about, level: 'FAIL', says }
}

function checkMigrations({ appliedMigrations, pendingMigrations }: StoreFacts): Finding {
  const about = 'migrations'
  if (pendingMigrations.length === 0) {
    return { about, level: 'ok', says: `${appliedMigrations.length} applied, none pending` }
  }
  return { about, level: 'FAIL', says: `pending: ${pendingMigrations.join(', ')}. Run: npm run latchkey -- migrate` }
}

type Needs = { readonly good: Readonly<Record<string, readonly string[]>>; readonly advice: string }

const SQLITE_NEEDS: Needs = {
  good: { journal_mode: ['wal'], synchronous: ['full', 'extra'] },
  advice: 'Put the database on a local disk, not a network share',
}

const POSTGRES_NEEDS: Needs = {
  // Where the server's own setting is off, Latchkey's connections set it on: what they report is what holds.
  good: {
    fsync: ['on'],
    full_page_writes: ['on'],
    synchronous_commit: ['on', 'remote_apply', 'remote_write', 'local'],
  },
  advice: "Set it in the server's postgresql.conf",
}

function checkWeakPasswords({ weakPasswords }: StoreFacts): readonly Finding[] {
  if (weakPasswords === 0) return []
  const says =
    `accounts whose password is common or breached: ${weakPasswords}. List them with: npm run latchkey -- accounts list ` +
    '--weak. LATCHKEY_PASSWORD_POLICY=hardened takes no new ones'
  return [{ about: 'passwords', level: 'warn', says }]
}

function checkWay(config: Config): readonly Finding[] {
  if (!isOpenOnTheWay(config)) return []
  const says =
    'somebody on the way to PostgreSQL could read password hashes. Add sslmode=verify-full (and sslrootcert=FILE, if the ' +
    'authority is your own) to DATABASE_URL'
  return [{ about: 'database', level: 'warn', says }]
}

/** What a commit needs to survive a power cut. */
function checkDurability({ settings }: StoreFacts, { good: needed, advice }: Needs): readonly Finding[] {
  return Object.entries(needed).map(([name, good]) => {
    const value = settings[name]?.toLowerCase()
    const about = 'durability'
    if (value !== undefined && good.includes(value)) return { about, level: 'ok', says: `${name} is ${value}` }
    const says = `${name} is ${value ?? 'unknown'}: what is acknowledged may be lost in a power cut. `
    return { about, level: 'FAIL', says: `${says}${advice}` }
  })
}

function checkForwardedHeaders(peer: string | null, { trustedProxies }: Config): Finding {
  const about = 'proxies'
  if (peer === null) return { about, level: 'ok', says: 'no forwarded header came from an address that is not trusted' }
  if (createRangeTest(trustedProxies)(peer)) {
    return { about, level: 'ok', says: `forwarded headers came from ${peer}, which is trusted now` }
  }
  const says =
    `a forwarded header came from an address that is not trusted and was ignored (${peer}). ` +
    'If it is your proxy, name it in LATCHKEY_TRUSTED_PROXIES: until then all its clients count as one'
  return { about, level: 'warn', says }
}
