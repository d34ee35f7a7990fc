import { availableParallelism } from 'node:os'
import type { FastifyBaseLogger } from 'fastify'
import { createJournal } from './audit/journal.ts'
import type { Config } from './config/config.ts'
import { ConfigError } from './config/config-error.ts'
import { ensureSecret } from './config/ensure-secret.ts'
import { findLegacySecrets } from './config/legacy-secrets.ts'
import { findLegacyServers } from './config/legacy-servers.ts'
import { ratesOf } from './config/limit-settings.ts'
import { listProductNames } from './config/list-product-names.ts'
import { isToldOf } from './config/read-webhook.ts'
import { findLongestLifetime, findSharedSecrets } from './config/token-settings.ts'
import { toLimits } from './core/attempt-rules.ts'
import type { AuditEventType } from './core/audit-event.ts'
import { type Core, createCore } from './core/core.ts'
import type { LegacyTokens, Mailer, StoreFacts, StoreLife } from './core/ports.ts'
import { createAuditChain } from './crypto/audit-chain.ts'
import { createLegacyHashes } from './crypto/legacy/take-in.ts'
import { createLegacyTokens } from './crypto/legacy-tokens.ts'
import { createKeyMaker } from './crypto/make-key.ts'
import { createPasswords } from './crypto/passwords.ts'
import { createSealing } from './crypto/sealing.ts'
import { createSigner } from './crypto/signer.ts'
import { createTokens } from './crypto/tokens.ts'
import { createLegacyServers } from './legacy/legacy-servers.ts'
import { createTally } from './legacy/tally.ts'
import { createLog } from './log.ts'
import { createScreening } from './screening/screening.ts'
import { type OpenOptions, openStore } from './store/open.ts'
import { createWebhook } from './webhooks/webhook.ts'

/** Latchkey with its database open and no port: what every command but `serve` works on. */
export type Latchkey = {
  readonly core: Core
  /** The `iss` of every token. */
  readonly issuer: string
  /** The migrations that opening the database applied. */
  readonly migrated: readonly string[]
  /** What the database says of itself. */
  inspect(): Promise<StoreFacts>
  /** Resolves if the database answers. */
  ping(): Promise<void>
  /** A note that the running server left for `doctor`, or `null`. */
  readNote(name: string): Promise<string | null>
  writeNote(name: string, value: string): Promise<void>
  /** Whether a password that came in now would have to wait too long. */
  isHashingFull(coming: number): boolean
  /** Whether so many passwords wait that the hasher will not be idle soon. */
  isHashingBusy(): boolean
  close(): Promise<void>
}

/** Things that tests and other hosts may replace. */
export type StartOptions = {
  readonly log?: FastifyBaseLogger
  /** Where a command's warnings and audit lines go when there is no `log`. */
  readonly stderr?: { write(line: string): unknown; readonly isTTY?: boolean | undefined }
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** How many of the machine's cores this process has for itself: all, unless others share them. */
  readonly cores?: number
  /** Whether this is one of several that serve one port: its log lines tell the process, and who leads them announces it. */
  readonly isWorker?: boolean
  /** Whether millions of rows are about to go into the database. */
  readonly isBulk?: boolean
  /** Brings the schema up to date even where that is done by hand. */
  readonly mustMigrate?: boolean
}

/** The note that keeps the issuer of the first tokens. */
const ISSUER_NOTE = 'issuer'

/**
 * Opens the database, brings it up to date, and binds core to it.
 *
 * @throws {Error} one sentence for the operator.
 */
export async function openLatchkey(config: Config, options: StartOptions = {}): Promise<Latchkey> {
  const now = options.now ?? Date.now
  // A command's own output is on stdout; what it has to warn of goes beside it.
  const stderr = options.stderr ?? process.stderr
  const level = config.logLevel === 'silent' ? 'silent' : 'warn'
  const log = options.log ?? createLog(level, stderr, { isForPeople: stderr.isTTY === true })
  const { store, memories, migrated } = await openStore(config.databaseUrl, {
    ...accessOf(config, options),
    staleness: config.sessionStaleness,
    isBulk: options.isBulk === true,
    schema: config.migrate === 'auto' || options.mustMigrate === true ? 'migrate' : 'require',
  })
  try {
    const secret = ensureSecret(config, { mayMake: (await store.listKeys()).length === 0 })
    refuseShared(config, secret)
    const sealing = createSealing(secret)
    const issuer = await settleIssuer(config, store)
    const [passwords, signer] = await Promise.all([
      createPasswords(config.argon2, {
        workers: options.cores ?? availableParallelism(),
        warn: (words) => log.warn(words),
      }),
      createSigner({
        store,
        sealing,
        issuer,
        audience: config.audience,
        algorithm: config.signingAlgorithm,
        secrets: secretsOf(config),
        longestLifetime: findLongestLifetime(config),
        now,
      }),
    ])
    const chain = createAuditChain({ secret })
    const isWanted = (type: AuditEventType) => isToldOf(type, config)
    const addresses = config.auditAddresses
    const tally = createTally({ store, now, warn: (words) => log.warn(words) })
    const journal = createJournal({ store, chain, isWanted, addresses, now, log, lines: auditLines(log) })
    const core = createCore({
      store,
      memories,
      passwords,
      tokens: createTokens({ secret }),
      signer,
      legacyHashes: createLegacyHashes(config.argon2),
      legacyTokens: openLegacyTokens(config, now),
      keys: createKeyMaker({ sealing, algorithm: config.signingAlgorithm }),
      mailer: await openMailer(config),
      webhook: createWebhook(config),
      audit: journal,
      chain,
      now,
      limits: config.limits ? toLimits(ratesOf(config)) : null,
      policy: { rules: config.passwordPolicy, productNames: listProductNames(config) },
      screening: await createScreening(config, { now, warn: (words) => log.warn(words) }),
      legacyServers: createLegacyServers(findLegacyServers(config), {
        tally,
        now,
        warn: (words) => log.warn(words),
      }),
    })
    return {
      core,
      issuer,
      migrated,
      inspect: store.inspect,
      ping: store.ping,
      readNote: store.readNote,
      writeNote: store.writeNote,
      isHashingFull: passwords.isFull,
      isHashingBusy: passwords.isBusy,
      async close() {
        await tally.flush()
        await journal.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** How this process gets at its database. */
export function accessOf({ databasePassword }: Config, { cores }: StartOptions = {}): Omit<OpenOptions, 'schema'> {
  return { password: databasePassword, cores: cores ?? availableParallelism() }
}

/** The issuer of every token: the one that was set, or the one that the first process on this database had. */
async function settleIssuer({ publicUrl, isPublicUrlSet }: Config, store: StoreLife): Promise<string> {
  return isPublicUrlSet ? publicUrl : store.keepNote(ISSUER_NOTE, publicUrl)
}

/** What seals the signing keys must not be what other services check or checked tokens by: they could open the database. */
function refuseShared(config: Config, secret: string): void {
  const problems = [...findSharedSecrets(config), ...findLegacySecrets(config)]
    .filter((shared) => shared.secret === secret)
    .map(({ setting }) => `${setting} holds the secret that seals the signing keys: give Latchkey another one.`)
  if (problems.length > 0) throw new ConfigError(problems)
}

/** The secrets that sign tokens in place of a signing key, by contract. */
export function secretsOf(config: Config): Readonly<Record<string, string>> {
  return Object.fromEntries(findSharedSecrets(config).map(({ contract, secret }) => [contract, secret]))
}

/** What is known of tokens that the back end before gave out. */
export function openLegacyTokens(config: Config, now: () => number): LegacyTokens {
  return createLegacyTokens({
    secrets: findLegacySecrets(config),
    algorithm: config.legacyAlgorithm,
    cutover: config.legacyCutover,
    longestLife: config.legacyTokenDays * 86_400_000,
    idClaim: config.legacyIdClaim,
    issuer: config.legacyIssuer,
    audience: config.legacyAudience,
    knoxPrefix: config.legacyKnoxPrefix,
    now,
  })
}

/** Audit lines do not depend on how much else is logged; only `silent` silences them. */
function auditLines(log: FastifyBaseLogger): FastifyBaseLogger {
  return log.level === 'silent' ? log : log.child({}, { level: 'info' })
}

/** The mail library is loaded only where letters are sent. */
async function openMailer({ mailUrl, mailFrom, resetUrl, verifyUrl }: Config): Promise<Mailer | null> {
  if (mailUrl === null || mailFrom === null || resetUrl === null || verifyUrl === null) return null
  const { createMailer } = await import('./mail/mailer.ts')
  return createMailer(mailUrl, { from: mailFrom, resetUrl, verifyUrl })
}
