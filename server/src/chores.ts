import type { FastifyBaseLogger } from 'fastify'
import type { Core } from './core/core.ts'

/** How often what nobody needs any more is removed, in milliseconds. */
const PRUNE_EVERY = 3_600_000
/** How often letters that are due are sent, in milliseconds. */
const DELIVER_EVERY = 1000

/** What a server does besides answering. */
export type Chores = {
  /** Begins nothing more, and resolves when what was begun is over. */
  stop(): Promise<void>
}

/** Starts what has to be done again and again: removing old rows, and sending letters where there is mail. */
export function startChores(core: Core, { log, hasMail }: { log: FastifyBaseLogger; hasMail: boolean }): Chores {
  const chores = [every(PRUNE_EVERY, () => prune(core, log))]
  if (hasMail) chores.push(every(DELIVER_EVERY, () => deliverLetters(core, log)))
  return {
    async stop() {
      await Promise.all(chores.map((chore) => chore.stop()))
    },
  }
}

/** Does something again and again, never twice at once. */
function every(pause: number, chore: () => Promise<void>): Chores {
  let running = Promise.resolve()
  let isIdle = true
  const timer = setInterval(() => {
    if (!isIdle) return
    isIdle = false
    running = chore().finally(() => {
      isIdle = true
    })
  }, pause)
  timer.unref()
  return {
    stop() {
      clearInterval(timer)
      return running
    },
  }
}

async function prune(core: Core, log: FastifyBaseLogger): Promise<void> {
  try {
    log.debug(await core.prune(), 'pruned')
  } catch (error) {
    log.warn({ err: error }, 'old rows could not be removed; the next round tries again')
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
