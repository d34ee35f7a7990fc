import { existsSync } from 'node:fs'
import type { Config } from './config/config.ts'
import { findSecret } from './config/ensure-secret.ts'
import { findDatabaseFile } from './config/read-database-url.ts'
import { type GivenUp, readGivenUp } from './core/deliver-events.ts'
import type { LegacyAnswers, LegacyHashStore, StoredKey, StoreFacts } from './core/ports.ts'
import type { rehearseImport } from './core/rehearse-import.ts'
import { createLegacyHashes } from './crypto/legacy/take-in.ts'
import { canOpenKeys } from './crypto/make-key.ts'
import { createSealing } from './crypto/sealing.ts'
import { createTokens } from './crypto/tokens.ts'
import { accessOf } from './open-latchkey.ts'
import { openStore, type PlannedMigration, planMigration } from './store/open.ts'

/** What a database says of itself when it is only looked at. */
export type Inspection = {
  readonly facts: StoreFacts
  /** The last peer that sent forwarded headers while it was no trusted proxy, or `null`. */
  readonly untrustedPeer: string | null
  /** Whether the secret in force is the one that the signing keys were sealed under; true where there is none of either. */
  readonly isSecretRight: boolean
  readonly keys: readonly StoredKey[]
  /** What waits for the webhook, and what was given up last; `null` before the database is up to date. */
  readonly webhook: {
    readonly waiting: number
    readonly retried: number
    readonly givenUp: GivenUp | null
  } | null
  /** How many accounts still have hashes of a back end before; `null` where the database is damaged or not up to date. */
  readonly legacyHashes: Awaited<ReturnType<LegacyHashStore['countLegacyFormats']>> | null
  /** What old servers were asked so far. */
  readonly legacyAnswers: readonly LegacyAnswers[]
}

/** The note by which a running server tells `doctor` of a proxy that is not trusted. */
export const FORWARDED_NOTE = 'untrusted_forwarded_header'

/**
 * Says what bringing the database up to date would do, and does nothing.
 *
 * @throws {Error} one sentence for the operator.
 */
export async function planDatabase(config: Config): Promise<readonly PlannedMigration[]> {
  return planMigration(config.databaseUrl, accessOf(config))
}

/**
 * Looks at the database and leaves it as it is: nothing is made, migrated or written.
 *
 * @throws {Error} one sentence for the operator.
 */
export async function inspectDatabase(config: Config): Promise<Inspection> {
  const { store } = await openStore(config.databaseUrl, { ...accessOf(config), schema: 'inspect' })
  try {
    const facts = await store.inspect()
    const hasNotes = facts.appliedMigrations.length > 0
    const secret = findSecret(config)
    const keys = hasNotes ? await store.listKeys() : []
    return {
      facts,
      untrustedPeer: hasNotes ? await store.readNote(FORWARDED_NOTE) : null,
      isSecretRight: secret === null || canOpenKeys(keys, createSealing(secret)),
      keys,
      webhook:
        facts.pendingMigrations.length > 0
          ? null
          : { ...(await store.countDeliveries()), givenUp: await readGivenUp(store) },
      legacyHashes: isReadable(facts) ? await store.countLegacyFormats() : null,
      legacyAnswers: isReadable(facts) ? await store.listLegacyAnswers() : [],
    }
  } finally {
    await store.close()
  }
}

/**
 * Does something with what an import would meet, and leaves the database as it is. `here` is `null` where there is none yet.
 *
 * @throws {Error} one sentence for the operator.
 */
export async function withAccountsHere<Result>(
  config: Config,
  action: (ports: Parameters<typeof rehearseImport>[0]) => Promise<Result>,
): Promise<Result> {
  const tokens = createTokens({ secret: findSecret(config) ?? '' })
  const ports = { legacyHashes: createLegacyHashes(config.argon2), tokens, now: Date.now }
  const file = findDatabaseFile(config)
  if (file !== null && !existsSync(file)) return action({ ...ports, here: null })
  const { store } = await openStore(config.databaseUrl, { ...accessOf(config), schema: 'inspect' })
  try {
    const { appliedMigrations, pendingMigrations } = await store.inspect()
    if (appliedMigrations.length === 0) return await action({ ...ports, here: null })
    // Before its schema is brought up to date, nothing can have been imported.
    const here = pendingMigrations.length === 0 ? store : { ...store, findImported: async () => [] }
    return await action({ ...ports, here })
  } finally {
    await store.close()
  }
}

function isReadable({ integrity, pendingMigrations }: StoreFacts): boolean {
  return integrity === 'ok' && pendingMigrations.length === 0
}
