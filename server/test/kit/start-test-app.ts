import type { FastifyInstance } from 'fastify'
import { createApp } from '../../src/app.ts'
import { createJournal } from '../../src/audit/journal.ts'
import type { Config } from '../../src/config/config.ts'
import { findLegacyServers } from '../../src/config/legacy-servers.ts'
import { ratesOf } from '../../src/config/limit-settings.ts'
import { listProductNames } from '../../src/config/list-product-names.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { isToldOf } from '../../src/config/read-webhook.ts'
import { findLongestLifetime } from '../../src/config/token-settings.ts'
import { CONTRACT_NAMES } from '../../src/contracts/index.ts'
import { type AttemptLimits, toLimits } from '../../src/core/attempt-rules.ts'
import { type Core, createCore } from '../../src/core/core.ts'
import type { Letter } from '../../src/core/mail.ts'
import type { AuditEvent, AuditEventType, Passwords, Ports, Screening, Store } from '../../src/core/ports.ts'
import { createAuditChain } from '../../src/crypto/audit-chain.ts'
import { createLegacyHashes } from '../../src/crypto/legacy/take-in.ts'
import { createKeyMaker } from '../../src/crypto/make-key.ts'
import { createPasswords } from '../../src/crypto/passwords.ts'
import { createSealing } from '../../src/crypto/sealing.ts'
import { createSigner } from '../../src/crypto/signer.ts'
import { createTokens } from '../../src/crypto/tokens.ts'
import type { Site } from '../../src/http/site.ts'
import { createLegacyServers } from '../../src/legacy/legacy-servers.ts'
import { createTally } from '../../src/legacy/tally.ts'
import { createLog } from '../../src/log.ts'
import { openLegacyTokens, secretsOf } from '../../src/open-latchkey.ts'
import { createScreening } from '../../src/screening/screening.ts'
import { openStore } from '../../src/store/open.ts'
import { createWebhook } from '../../src/webhooks/webhook.ts'
import { createTestDatabase, ENGINE, type TestDatabase } from './postgres.ts'

/** The real app on a database in memory, with a clock that a test can turn. */
export type TestApp = {
  readonly app: FastifyInstance
  /** Every path that a door answers at. */
  readonly sites: readonly Site[]
  readonly core: Core
  readonly store: Store
  readonly config: Config
  /** Every line that was logged, at the finest level. */
  readonly log: readonly string[]
  readonly audit: readonly AuditEvent[]
  /** Writes to the audit log what waits for it. */
  flushAudit(): Promise<void>
  /** Writes to the database how often old servers gave which answer. */
  flushLegacyAnswers(): Promise<void>
  /** Every letter that was delivered: `core.deliverLetters()` delivers, where the config names a mail URL. */
  readonly letters: readonly Letter[]
  /** How often a password was hashed or checked. */
  readonly hasherCalls: { hash: number; verify: number }
  /** Moves the clock on, by milliseconds. */
  advance(milliseconds: number): void
  close(): Promise<void>
}

/** Settings of a test that differ from the defaults; `limits: null` switches the guess budgets off. */
export type TestOptions = {
  readonly config?: Partial<Config>
  readonly limits?: AttemptLimits
  readonly databaseUrl?: string
  readonly secret?: string
  /** The real measures depend on how busy the machine is: tests that are not about them never see them. */
  readonly isOverloaded?: (admitted: number) => boolean
}

// One set of hash workers for a whole test file: what is tested is the app, not how fast argon2 starts.
const passwordsOf = new Map<string, Promise<Passwords>>()
let builtInScreening: Promise<Screening> | null = null

/** Starts everything but the port. The only set-up that tests have. */
export async function startTestApp(options: TestOptions = {}): Promise<TestApp> {
  const database = options.databaseUrl === undefined ? await makeDatabase() : null
  const databaseUrl = database?.url ?? options.databaseUrl ?? ''
  const secret = options.secret ?? 'a secret that only tests have, 32+ long'
  const defaults = loadConfig({
    env: { DATABASE_URL: databaseUrl, LATCHKEY_SECRET: secret },
    contractNames: CONTRACT_NAMES,
  })
  const config: Config = { ...defaults, ...options.config }
  const lines: string[] = []
  const audit: AuditEvent[] = []
  const letters: Letter[] = []
  const log = createLog('trace', { write: (line) => lines.push(line) }, { isForPeople: false })
  let offset = 0
  const now = () => Date.now() + offset

  const { store, memories } = await openStore(databaseUrl, { staleness: config.sessionStaleness })
  const hasherCalls = { hash: 0, verify: 0 }
  const chain = createAuditChain({ secret })
  const isWanted = (type: AuditEventType) => isToldOf(type, config)
  const addresses = config.auditAddresses
  const tally = createTally({ store, now, warn: (words) => log.warn(words) })
  const journal = createJournal({ store, chain, isWanted, addresses, now, log, lines: log })
  const ports: Ports = {
    store,
    memories,
    passwords: counted(await sharedPasswords(config), hasherCalls),
    tokens: createTokens({ secret }),
    signer: await createSigner({
      store,
      sealing: createSealing(secret),
      issuer: config.publicUrl,
      audience: config.audience,
      algorithm: config.signingAlgorithm,
      secrets: secretsOf(config),
      longestLifetime: findLongestLifetime(config),
      now,
    }),
    legacyHashes: createLegacyHashes(config.argon2),
    legacyTokens: openLegacyTokens(config, now),
    keys: createKeyMaker({ sealing: createSealing(secret), algorithm: config.signingAlgorithm }),
    audit: {
      record(event) {
        audit.push(event)
        journal.record(event)
      },
    },
    chain,
    mailer: config.mailUrl === null ? null : { send: async (letter) => void letters.push(letter) },
    webhook: createWebhook(config),
    now,
    limits: options.limits === undefined ? toLimits(ratesOf(config)) : options.limits,
    policy: { rules: config.passwordPolicy, productNames: listProductNames(config) },
    screening: await openScreening(config, { now, warn: (words) => log.warn(words) }),
    legacyServers: createLegacyServers(findLegacyServers(config), {
      tally,
      now,
      warn: (words) => log.warn(words),
    }),
  }
  const core = createCore(ports)
  const { app, sites } = createApp(core, {
    config,
    issuer: config.publicUrl,
    log,
    now,
    ping: store.ping,
    isDraining: () => false,
    isOverloaded: options.isOverloaded ?? (() => false),
    onForwardedHeader: (peer) => log.warn({ peer }, 'forwarded header ignored'),
    onRefusedConnections: (refused) => log.warn(refused, 'connections refused'),
  })
  await app.ready()
  return {
    app,
    sites,
    core,
    store,
    config,
    log: lines,
    audit,
    flushAudit: journal.flush,
    flushLegacyAnswers: tally.flush,
    letters,
    hasherCalls,
    advance: (milliseconds) => {
      offset += milliseconds
    },
    async close() {
      await app.close()
      await tally.flush()
      await journal.close()
      await store.close()
      await database?.drop()
    },
  }
}

async function makeDatabase(): Promise<TestDatabase> {
  if (process.env[ENGINE] === 'postgres') return createTestDatabase()
  return { name: '', url: 'sqlite::memory:', drop: async () => {} }
}

/** Reading the built-in list takes longer than all the rest of a start; who asks nobody else has nothing of its own. */
function openScreening(config: Config, options: Parameters<typeof createScreening>[1]): Promise<Screening> {
  if (config.breachedPasswords !== 'off') return createScreening(config, options)
  builtInScreening ??= createScreening(config, options)
  return builtInScreening
}

function sharedPasswords({ argon2 }: Config): Promise<Passwords> {
  const key = JSON.stringify(argon2)
  const passwords = passwordsOf.get(key) ?? createPasswords(argon2)
  passwordsOf.set(key, passwords)
  return passwords
}

function counted(passwords: Passwords, calls: { hash: number; verify: number }): Passwords {
  return {
    ...passwords,
    hash(password) {
      calls.hash++
      return passwords.hash(password)
    },
    verify(passwordHash, password) {
      calls.verify++
      return passwords.verify(passwordHash, password)
    },
  }
}
