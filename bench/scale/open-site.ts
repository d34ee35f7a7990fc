import { randomBytes } from 'node:crypto'
import { DEFAULT_LIMITS } from '../../server/src/core/attempt-rules.ts'
import { type Core, createCore } from '../../server/src/core/core.ts'
import type { Passwords, Ports } from '../../server/src/core/ports.ts'
import { createAuditChain } from '../../server/src/crypto/audit-chain.ts'
import { createLegacyHashes } from '../../server/src/crypto/legacy/take-in.ts'
import { createLegacyTokens } from '../../server/src/crypto/legacy-tokens.ts'
import { createKeyMaker } from '../../server/src/crypto/make-key.ts'
import { createSealing } from '../../server/src/crypto/sealing.ts'
import { createSigner } from '../../server/src/crypto/signer.ts'
import { createTokens } from '../../server/src/crypto/tokens.ts'
import { createScreening } from '../../server/src/screening/screening.ts'
import { openStore } from '../../server/src/store/open.ts'
import type { Database } from './database.ts'
import { SIZES } from './plan.ts'

/** What every signing key here rests under; a server on the same database needs it too. */
export const SECRET = randomBytes(36).toString('base64')
/** The issuer of every token here. */
export const PUBLIC_URL = 'http://127.0.0.1'

/** A password that needs no hashing: what is left of a login or a registration is what the database does. */
const WITHOUT_HASHES: Passwords = {
  hash: async () => '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  verify: async () => true,
  needsRehash: () => false,
  canCheck: () => true,
  spellAsBefore: () => null,
  isFull: () => false,
  isBusy: () => false,
}

/** A filled database with core bound to it, in this process: as a server has it, but for the hashing. */
export type Site = {
  readonly database: Database
  readonly accounts: number
  readonly ports: Ports
  readonly core: Core
  close(): Promise<void>
}

/**
 * Opens a filled database.
 *
 * @param cores what the pool for PostgreSQL is sized by: twice that and two more connections.
 */
export async function openSite(database: Database, { cores = 2 }: { cores?: number } = {}): Promise<Site> {
  const { store, memories } = await openStore(database.url, { cores })
  const now = Date.now
  const ports: Ports = {
    store,
    memories,
    passwords: WITHOUT_HASHES,
    tokens: createTokens({ secret: SECRET }),
    signer: await createSigner({ store, sealing: createSealing(SECRET), issuer: PUBLIC_URL, now }),
    legacyHashes: createLegacyHashes({ memory: 19_456, passes: 2, lanes: 1 }),
    legacyTokens: createLegacyTokens({ now }),
    keys: createKeyMaker({ sealing: createSealing(SECRET), algorithm: 'ES256' }),
    audit: { record: () => {} },
    chain: createAuditChain({ secret: SECRET }),
    mailer: null,
    now,
    limits: DEFAULT_LIMITS,
    policy: { rules: 'documented', productNames: [] },
    screening: await createScreening({ breachedPasswords: 'off', breachedPasswordsUrl: '' }, { now, warn: () => {} }),
    legacyServers: null,
    webhook: null,
  }
  const accounts = SIZES[database.size]
  return { database, accounts, ports, core: createCore(ports), close: () => store.close() }
}
