import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { createApp } from './app.ts'
import { startChores } from './chores.ts'
import type { Config } from './config/config.ts'
import { wordLegacySecrets } from './config/legacy-secrets.ts'
import { wordLegacyServers } from './config/legacy-servers.ts'
import { findSharedSecrets, wordSharedSecret } from './config/token-settings.ts'
import { describeRefused } from './http/connections.ts'
import { describeSites } from './http/describe-sites.ts'
import { watchLoop } from './http/loop-lag.ts'
import { FORWARDED_NOTE } from './inspect-database.ts'
import { createLog, logCrashes } from './log.ts'
import { type Latchkey, openLatchkey, type StartOptions } from './open-latchkey.ts'

/** Latchkey, listening. */
export type RunningServer = {
  /** Where it listens, as `http://HOST:PORT`. */
  readonly url: string
  /** What is mounted where, a line each, for the start banner. */
  readonly mounted: readonly string[]
  /** Readiness off, no new connections, in-flight requests finished (15 s at most), database closed. */
  stop(): Promise<void>
}

/** How long in-flight requests may take once the server is asked to stop, in milliseconds. */
const LONGEST_DRAIN = 15_000
/** How often connections that have become idle are closed meanwhile, in milliseconds. */
const SWEEP_EVERY = 50

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
  const loop = watchLoop()
  const forgetCrashes = logCrashes(log)
  let isDraining = false
  const { app, sites } = await openDoors().catch(async (error) => {
    loop.stop()
    forgetCrashes()
    await latchkey.close()
    throw listenError(error, config)
  })
  const url = urlOf(app.server.address(), config)
  const mounted = describeSites(sites)
  if (!isWorker) {
    announce(log, { url, mounted })
    warnOfShared(config, log)
    warnOfLegacy(config, log, now())
  }
  const chores = startChores(latchkey.core, {
    log,
    hasMail: config.mailUrl !== null,
    hasWebhook: config.webhookUrl !== null,
    auditDays: config.auditRetentionDays,
    keyDays: config.keyRotationDays,
    now,
  })

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
      loop.stop()
      await finished
      await latchkey.close()
      forgetCrashes()
    },
  }

  async function openDoors(): Promise<ReturnType<typeof createApp>> {
    const created = createApp(latchkey.core, {
      config,
      issuer: latchkey.issuer,
      log,
      now,
      ping: latchkey.ping,
      isDraining: () => isDraining,
      // A process that is behind still takes in what its hasher would otherwise be idle for: else a flood of requests that
      // are refused would keep every login out.
      isOverloaded: (admitted) => latchkey.isHashingFull(admitted) || (loop.isBehind() && latchkey.isHashingBusy()),
      onForwardedHeader: (peer) => warnOfProxy(latchkey, log, peer),
      onRefusedConnections: (refused) => log.warn({ ...refused }, describeRefused(refused)),
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

/** Warns of secrets by which others can make tokens. */
export function warnOfShared(config: Config, log: FastifyBaseLogger): void {
  for (const shared of findSharedSecrets(config)) log.warn(wordSharedSecret(shared))
}

/** Warns of secrets by which the back end before signed tokens that are still taken, and of old servers that are asked. */
export function warnOfLegacy(config: Config, log: FastifyBaseLogger, now: number): void {
  for (const words of [...wordLegacySecrets(config, now), ...wordLegacyServers(config)]) log.warn(words)
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
