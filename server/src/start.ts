import { availableParallelism } from 'node:os'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { createApp } from './app.ts'
import { startChores } from './chores.ts'
import type { Config } from './config/config.ts'
import { ensureSecret, findSecret } from './config/ensure-secret.ts'
import { loadConfig } from './config/load-config.ts'
import { readDotenv } from './config/read-dotenv.ts'
import { CONTRACT_NAMES } from './contracts/index.ts'
import { DEFAULT_LIMITS } from './core/attempt-rules.ts'
import { type Core, createCore } from './core/core.ts'
import type { Audit, Mailer, StoreFacts, StoreLife } from './core/ports.ts'
import { createPasswords } from './crypto/passwords.ts'
import { createSealing } from './crypto/sealing.ts'
import { canOpenKeys, createSigner } from './crypto/signer.ts'
import { createTokens } from './crypto/tokens.ts'
import { describeSites } from './http/describe-sites.ts'
import { createLog } from './log.ts'
import { type OpenOptions, openStore, type PlannedMigration, planMigration } from './store/open.ts'

export { backUpSqlite } from './store/sql/sqlite/backup.ts'
export { BACKUP_NOTE } from './store/sql/sqlite/copy.ts'
export { holdSqlite } from './store/sql/sqlite/restore.ts'

/** Latchkey with its database open and no port: what every command but `serve` works on. */
export type Latchkey = {
  readonly core: Core
  /** The migrations that opening the database applied. */
  readonly migrated: readonly string[]
  /** What the database says of itself. */
  inspect(): Promise<StoreFacts>
  /** Resolves if the database answers. */
  ping(): Promise<void>
  /** A note that the running server left for `doctor`, or `null`. */
  readNote(name: string): Promise<string | null>
  writeNote(name: string, value: string): Promise<void>
  close(): Promise<void>
}

/** Latchkey, listening. */
export type RunningServer = {
  /** Where it listens, as `http://HOST:PORT`. */
  readonly url: string
  /** What is mounted where, a line each, for the start banner. */
  readonly mounted: readonly string[]
  /** Readiness off, no new connections, in-flight requests finished (15 s at most), database closed. */
  stop(): Promise<void>
}

/** What a database says of itself when it is only looked at. */
export type Inspection = {
  readonly facts: StoreFacts
  /** The last peer that sent forwarded headers while it was no trusted proxy, or `null`. */
  readonly untrustedPeer: string | null
  /** Whether the secret in force is the one that the signing keys were sealed under; true where there is none of either. */
  readonly isSecretRight: boolean
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
  /** Brings the schema up to date even where that is done by hand. */
  readonly mustMigrate?: boolean
}

/** How long in-flight requests may take once the server is asked to stop, in milliseconds. */
const LONGEST_DRAIN = 15_000
/** How often connections that have become idle are closed meanwhile, in milliseconds. */
const SWEEP_EVERY = 50
/** The note that keeps the issuer of the first tokens. */
const ISSUER_NOTE = 'issuer'
/** The note by which a running server tells `doctor` of a proxy that is not trusted. */
export const FORWARDED_NOTE = 'untrusted_forwarded_header'

/**
 * Reads the settings from an environment and the `.env` of the working directory.
 *
 * @throws {ConfigError} with every problem at once.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  return loadConfig({ env, dotenv: readDotenv(process.cwd()), contractNames: CONTRACT_NAMES })
}

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
  const { store, migrated } = await openStore(config.databaseUrl, {
    ...accessOf(config, options),
    schema: config.migrate === 'auto' || options.mustMigrate === true ? 'migrate' : 'require',
  })
  try {
    const sealing = createSealing(ensureSecret(config, { mayMake: (await store.listKeys()).length === 0 }))
    const issuer = await settleIssuer(config, store)
    const [passwords, signer] = await Promise.all([
      createPasswords(config.argon2, { workers: options.cores ?? availableParallelism() }),
      createSigner({ store, sealing, issuer, now }),
    ])
    const core = createCore({
      store,
      passwords,
      tokens: createTokens(),
      signer,
      mailer: await openMailer(config),
      audit: createAudit(log),
      now,
      limits: config.limits ? DEFAULT_LIMITS : null,
    })
    return {
      core,
      migrated,
      inspect: store.inspect,
      ping: store.ping,
      readNote: store.readNote,
      writeNote: store.writeNote,
      close: store.close,
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

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
    return {
      facts,
      untrustedPeer: hasNotes ? await store.readNote(FORWARDED_NOTE) : null,
      isSecretRight: !hasNotes || secret === null || canOpenKeys(await store.listKeys(), createSealing(secret)),
    }
  } finally {
    await store.close()
  }
}

/**
 * Opens everything and listens. `stop()` closes it in reverse.
 *
 * @throws {Error} one sentence for the operator.
 */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  const now = options.now ?? Date.now
  const isWorker = options.isWorker ?? false
  const log = options.log ?? openServerLog(config, { tellsProcess: isWorker })
  const latchkey = await openLatchkey(config, { ...options, log, now })
  let isDraining = false
  const { app, sites } = await openDoors().catch(async (error) => {
    await latchkey.close()
    throw listenError(error, config)
  })
  const url = urlOf(app.server.address(), config)
  const mounted = describeSites(sites)
  if (!isWorker) announce(log, { url, mounted })
  const chores = startChores(latchkey.core, { log, hasMail: config.mailUrl !== null })

  return {
    url,
    mounted,
    async stop() {
      isDraining = true
      const finished = chores.stop()
      const deadline = setTimeout(() => app.server.closeAllConnections(), LONGEST_DRAIN)
      // A connection that was busy until now is idle as soon as it has its answer: nobody else would close it.
      const sweeping = setInterval(() => app.server.closeIdleConnections(), SWEEP_EVERY)
      await app.close()
      clearInterval(sweeping)
      clearTimeout(deadline)
      await finished
      await latchkey.close()
    },
  }

  async function openDoors(): Promise<ReturnType<typeof createApp>> {
    const created = createApp(latchkey.core, {
      config,
      log,
      now,
      ping: latchkey.ping,
      isDraining: () => isDraining,
      onForwardedHeader: (peer) => warnOfProxy(latchkey, log, peer),
    })
    await listenQuietly(created.app, config)
    return created
  }
}

/** The log of a server, on stdout. */
export function openServerLog(config: Config, { tellsProcess }: { tellsProcess: boolean }): FastifyBaseLogger {
  return createLog(config.logLevel, process.stdout, { isForPeople: process.stdout.isTTY, tellsProcess })
}

/** Logs that requests are answered from now on. People get it in the banner of `latchkey serve`. */
export function announce(log: FastifyBaseLogger, { url, mounted }: Pick<RunningServer, 'url' | 'mounted'>): void {
  if (!process.stdout.isTTY) log.info({ url, mounted }, 'listening')
}

/** The issuer of every token: the one that was set, or the one that the first process on this database had. */
async function settleIssuer({ publicUrl, isPublicUrlSet }: Config, store: StoreLife): Promise<string> {
  return isPublicUrlSet ? publicUrl : store.keepNote(ISSUER_NOTE, publicUrl)
}

function accessOf({ databasePassword }: Config, { cores }: StartOptions = {}): Omit<OpenOptions, 'schema'> {
  return { password: databasePassword, cores: cores ?? availableParallelism() }
}

/** Fastify would announce each address in a line of its own, beside the one line or the banner that says more. */
async function listenQuietly(app: FastifyInstance, { host, port }: Config): Promise<void> {
  const { level } = app.log
  app.log.level = 'silent'
  try {
    await app.listen({ host, port })
  } finally {
    app.log.level = level
  }
}

/** Audit lines do not depend on how much else is logged; only `silent` silences them. */
function createAudit(log: FastifyBaseLogger): Audit {
  const lines = log.level === 'silent' ? log : log.child({}, { level: 'info' })
  return { record: (event) => lines.info({ audit: event }, `audit: ${event.type}`) }
}

/** The mail library is loaded only where letters are sent. */
async function openMailer({ mailUrl, mailFrom, resetUrl, verifyUrl }: Config): Promise<Mailer | null> {
  if (mailUrl === null || mailFrom === null || resetUrl === null || verifyUrl === null) return null
  const { createMailer } = await import('./mail/mailer.ts')
  return createMailer(mailUrl, { from: mailFrom, resetUrl, verifyUrl })
}

function warnOfProxy(latchkey: Latchkey, log: FastifyBaseLogger, peer: string): void {
  log.warn(
    { peer },
    'a forwarded header was ignored: its sender is no trusted proxy. If this is your proxy, name it in LATCHKEY_TRUSTED_PROXIES; until then all its clients count as one.',
  )
  latchkey.writeNote(FORWARDED_NOTE, peer).catch((error) => log.warn({ err: error }, 'a note for doctor was not kept'))
}

function listenError(error: unknown, { host, port }: Config): Error {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'EADDRINUSE') {
    return new Error(`Port ${port} on ${host} is in use: stop what is there, or set PORT.`, { cause: error })
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    return new Error(`Latchkey may not listen on ${host}:${port}: set HOST and PORT.`, { cause: error })
  }
  return error instanceof Error ? error : new Error(String(error))
}

function urlOf(address: string | { port: number } | null, { host, port }: Config): string {
  const actual = typeof address === 'object' && address !== null ? address.port : port
  return `http://${host.includes(':') ? `[${host}]` : host}:${actual}`
}
