import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Config } from '../config/config.ts'
import { isInMemory } from '../config/read-database-url.ts'
import { openLatchkey } from '../open-latchkey.ts'
import { announce, openServerLog, type RunningServer, warnOfLegacy, warnOfShared } from '../start.ts'
import { countThreads, shareCores } from './share-cores.ts'
import { openPlace } from './worker-place.ts'

const TOO_MANY =
  'there are more workers than cores: together they hash more passwords at once than there are cores, each of them slower. Say --workers auto for one on each core.'
const BIN = fileURLToPath(new URL('../../bin/latchkey.js', import.meta.url))

/**
 * Serves with several processes that share one port and one database. This process leads them: it makes what has to be
 * made once (tables, secret, signing key), hands each new connection to the next worker in turn, replaces a worker that
 * dies, and answers no request itself. It holds nothing that a request needs; when it is killed, its workers end.
 *
 * A connection that is just being handed to a worker when that is killed has nobody any more, and waits until its client
 * gives up; all others of that worker are cut at once.
 *
 * @param options.count how many, from 2 on. The cores of this machine are divided among them; each has one at least.
 * @param options.stopping when it is aborted, the workers end, whether they are serving yet or only starting.
 * @returns `null` when it was asked to stop before all of them listened.
 * @throws {Error} one sentence for the operator.
 */
export async function startWorkers(
  config: Config,
  { count, stopping }: { count: number; stopping: AbortSignal },
): Promise<RunningServer | null> {
  if (!cluster.isPrimary) {
    throw new Error('This process is a worker of another program: leave --workers out, and let that one make several.')
  }
  if (isInMemory(config)) {
    throw new Error('A database in memory is seen by one process only: leave --workers out, or set DATABASE_URL.')
  }
  const log = openServerLog(config, { tellsProcess: true })
  await (await openLatchkey(config, { log, cores: 1 })).close()
  if (stopping.aborted) return null

  const allCores = availableParallelism()
  if (count > allCores) log.warn({ workers: count, cores: allCores }, TOO_MANY)
  // In turn, whatever the system's default is: where all may take what comes, one of them takes most.
  cluster.schedulingPolicy = cluster.SCHED_RR
  cluster.setupPrimary({ exec: BIN, args: ['serve', '--workers', String(count)] })
  let { port } = config
  let found: number | null = null
  const places = shareCores(allCores, count).map((cores) =>
    openPlace({
      log,
      threads: countThreads(cores),
      start: () => ({ type: 'start', config: { ...config, port: choosePort() }, cores }),
    }),
  )
  const aborted = Promise.withResolvers<null>()
  stopping.addEventListener('abort', () => stop().then(() => aborted.resolve(null)), { once: true })
  try {
    const listening = await Promise.race([aborted.promise, Promise.all(places.map((place) => place.listening))])
    if (listening === null) return null
    const [first] = listening
    if (first === undefined) throw new Error('There is no worker.')
    found = Number(new URL(first.url).port)
    announce(log, first)
    warnOfShared(config, log)
    warnOfLegacy(config, log, Date.now())
    return { url: first.url, mounted: first.mounted, stop }
  } catch (error) {
    await stop()
    throw error
  }

  async function stop(): Promise<void> {
    await Promise.all(places.map((place) => place.stop()))
  }

  /** Port 0 is the same free port for all, but only as long as one of them has it: after that it is asked for by name. */
  function choosePort(): number {
    if (found !== null && !places.some((place) => place.isServing())) port = found
    return port
  }
}
