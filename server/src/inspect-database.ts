import type { Config } from './config/config.ts'
import { findSecret } from './config/ensure-secret.ts'
import { type GivenUp, readGivenUp } from './core/deliver-events.ts'
import type { StoredKey, StoreFacts } from './core/ports.ts'
import { canOpenKeys } from './crypto/make-key.ts'
import { createSealing } from './crypto/sealing.ts'
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
    }
  } finally {
    await store.close()
  }
}
