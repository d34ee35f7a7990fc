import { DEFAULT_LIMITS, tighten } from './attempt-rules.ts'
import { ACCOUNT_ATTEMPTS, NAME_ATTEMPTS, NETWORK_MEMORY } from './attempts.ts'
import { noteGivenUp } from './deliver-events.ts'
import type { Ports } from './ports.ts'

const DAY = 86_400_000
/** How many events may wait for a webhook that does not answer. */
const MOST_DELIVERIES = 100_000

/** How many rows of each went. */
export type Pruned = {
  readonly sessions: number
  readonly attempts: number
  readonly oneTimeTokens: number
  readonly knownNetworks: number
  readonly deliveries: number
}

/**
 * Forgets what no request can need any more: sessions a week past their end (until then an expired key is told so,
 * once), attempt counters that are over, tokens of letters whose time is over, and networks from which an account has
 * not signed in for 90 days. Events that no webhook has been told go when nobody has taken them for a week, as where
 * there is no webhook any more, or when too many wait; where there is one, `doctor` is told.
 */
export async function prune({
  store,
  limits,
  webhook,
  now,
}: Pick<Ports, 'store' | 'limits' | 'webhook' | 'now'>): Promise<Pruned> {
  const time = now()
  const pruned = {
    sessions: await store.pruneSessions(time - 7 * DAY),
    attempts: await pruneAttempts({ store, limits }, time),
    oneTimeTokens: await store.pruneOneTimeTokens(time),
    knownNetworks: await store.pruneKnownNetworks(time - NETWORK_MEMORY),
    deliveries: await store.pruneDeliveries({ before: time - 7 * DAY, most: MOST_DELIVERIES }),
  }
  const { deliveries } = pruned
  if (deliveries > 0 && webhook !== null) {
    const why = `${deliveries} at once: nobody took them for a week, or too many waited`
    await noteGivenUp(store, { seq: null, at: time, why })
  }
  return pruned
}

/**
 * Counters of guesses untouched for two days. One that has come to a guess a day is kept: an account's until a success
 * ends that, and that of a name that nobody has for a year, or it would tell that nobody has it by being forgotten.
 * All others when their window is over: who has very many networks makes very many of them, for nothing.
 */
async function pruneAttempts({ store, limits }: Pick<Ports, 'store' | 'limits'>, time: number): Promise<number> {
  const { network, names, registrations, lettersTo, lettersFrom } = limits ?? DEFAULT_LIMITS
  const longest = Math.max(...[...network, names, registrations, lettersTo, lettersFrom].map(({ window }) => window))
  const guesses = [ACCOUNT_ATTEMPTS, NAME_ATTEMPTS]
  const from = tighten(DEFAULT_LIMITS.account).consecutive
  const pruned = [
    await store.pruneAttempts(time - longest, { prefixes: guesses, from: 0 }),
    await store.pruneAttempts(time - 2 * DAY, { prefixes: guesses, from }),
    await store.pruneAttempts(time - 365 * DAY, { prefixes: [ACCOUNT_ATTEMPTS], from }),
  ]
  return pruned.reduce((sum, count) => sum + count)
}
