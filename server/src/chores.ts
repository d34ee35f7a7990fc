import type { FastifyBaseLogger } from 'fastify'
import type { Core } from './core/core.ts'

/** How often what nobody needs any more is removed, in milliseconds. */
const PRUNE_EVERY = 3_600_000
/** How often it is looked whether a signing key is due, in milliseconds. */
const KEEP_KEYS_EVERY = 60_000
/** How often letters that are due are sent, in milliseconds. */
const DELIVER_EVERY = 1000

/** What a server does besides answering. */
export type Chores = {
  /** Begins nothing more, and resolves when what was begun is over. */
  stop(): Promise<void>
}

/** How long a webhook that is being told may still take once the server stops, in milliseconds; it is told again. */
const FAREWELL = 2000
/** How many events are told at once. */
const DELIVERED_AT_ONCE = 20
/** For how many rounds at most a webhook that takes nothing is left in peace. */
const LONGEST_PEACE = 60

/**
 * Starts what has to be done again and again: removing old rows, sending letters where there is mail, and telling events
 * where there is a webhook.
 */
export function startChores(
  core: Core,
  {
    log,
    hasMail,
    hasWebhook,
    auditDays,
    keyDays,
    now,
  }: {
    log: FastifyBaseLogger
    hasMail: boolean
    hasWebhook: boolean
    auditDays: number
    /** After how many days a signing key is followed by another; 0 for never. */
    keyDays: number
    now: () => number
  },
): Chores {
  const chores = [every(PRUNE_EVERY, () => prune(core, log))]
  const keeping = { days: keyDays, since: now() }
  // At once too: another algorithm may have been set.
  chores.push(every(KEEP_KEYS_EVERY, () => keepKeys(core, log, keeping), { isDueAtOnce: true }))
  if (auditDays > 0) chores.push(every(PRUNE_EVERY, () => pruneAudit(core, log, auditDays)))
  if (hasMail) chores.push(every(DELIVER_EVERY, () => deliverLetters(core, log)))
  const leaving = new AbortController()
  if (hasWebhook) chores.push(every(DELIVER_EVERY, createDelivery(core, log, leaving.signal)))
  return {
    async stop() {
      const timer = setTimeout(() => leaving.abort(), FAREWELL)
      await Promise.all(chores.map((chore) => chore.stop()))
      clearTimeout(timer)
    },
  }
}

/** Does something again and again, never twice at once. */
function every(pause: number, chore: () => Promise<void>, { isDueAtOnce = false } = {}): Chores {
  let running = Promise.resolve()
  let isIdle = true
  const timer = setInterval(begin, pause)
  timer.unref()
  if (isDueAtOnce) begin()
  return {
    stop() {
      clearInterval(timer)
      return running
    },
  }

  function begin(): void {
    if (!isIdle) return
    isIdle = false
    running = chore().finally(() => {
      isIdle = true
    })
  }
}

async function prune(core: Core, log: FastifyBaseLogger): Promise<void> {
  try {
    const pruned = await core.prune()
    log.debug(pruned, 'pruned')
    const { deliveries } = pruned
    if (deliveries > 0)
      log.error({ deliveries }, 'events were given up: no webhook took them in time, or too many wait')
  } catch (error) {
    log.warn({ err: error }, 'old rows could not be removed; the next round tries again')
  }
}

async function keepKeys(core: Core, log: FastifyBaseLogger, keeping: { days: number; since: number }): Promise<void> {
  try {
    const { added, removed } = await core.keepKeys(keeping)
    if (added + removed > 0) log.info({ added, removed }, 'signing keys changed')
  } catch (error) {
    log.warn({ err: error }, 'signing keys could not be looked after; the next round tries again')
  }
}

async function pruneAudit(core: Core, log: FastifyBaseLogger, days: number): Promise<void> {
  try {
    await core.pruneAudit(days)
  } catch (error) {
    log.warn({ err: error }, 'old audit entries could not be removed; the next round tries again')
  }
}

async function deliverLetters(core: Core, log: FastifyBaseLogger): Promise<void> {
  try {
    const { failures } = await core.deliverLetters()
    for (const error of failures) log.warn({ err: error }, 'a letter could not be sent; it will be tried again')
  } catch (error) {
    log.warn({ err: error }, 'letters could not be looked for; the next round tries again')
  }
}

/** Tells events round by round. A webhook that takes nothing is asked more and more rarely, with one event at a time. */
export function createDelivery(core: Core, log: FastifyBaseLogger, signal: AbortSignal): () => Promise<void> {
  let peace = 0
  let rounds = 0
  return async () => {
    if (++rounds <= peace) return
    rounds = 0
    try {
      const { delivered, failures } = await core.deliverEvents({ limit: peace === 0 ? DELIVERED_AT_ONCE : 1, signal })
      const isDeaf = failures.length > 0 && delivered === 0
      if (isDeaf) peace = Math.min(2 * peace + 1, LONGEST_PEACE)
      else if (delivered > 0) peace = 0
      for (const { seq, error, isGivenUp } of failures) {
        if (isGivenUp) log.error({ err: error, seq }, 'an event was given up: the webhook never took it')
        else log.warn({ err: error, seq }, 'the webhook did not take an event; it will be told again')
      }
    } catch (error) {
      log.warn({ err: error }, 'events to be told could not be looked for; the next round tries again')
    }
  }
}
