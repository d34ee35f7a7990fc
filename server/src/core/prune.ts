import { DEFAULT_LIMITS, tighten } from './attempt-rules.ts'
import { ACCOUNT_ATTEMPTS, NETWORK_MEMORY } from './attempts.ts'
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
 * Forgets what no request can need any more: sessions a week past their end (until then an expired key is told so, once), attempt counters untouched for two days (but not
 * an account's that has come to one a day: only a success ends that), tokens of letters whose time is over, and networks
 * from which an account has not signed in for 90 days. Events that no webhook has been told go when nobody has taken
 * them for a week, as where there is no webhook any more, or when too many wait.
 */
export async function prune({ store, now }: Pick<Ports, 'store' | 'now'>): Promise<Pruned> {
  const time = now()
  return {
    sessions: await store.pruneSessions(time - 7 * DAY),
    attempts: await store.pruneAttempts(time - 2 * DAY, {
      prefix: ACCOUNT_ATTEMPTS,
      from: tighten(DEFAULT_LIMITS.account).consecutive,
    }),
    oneTimeTokens: await store.pruneOneTimeTokens(time),
    knownNetworks: await store.pruneKnownNetworks(time - NETWORK_MEMORY),
    deliveries: await store.pruneDeliveries({ before: time - 7 * DAY, most: MOST_DELIVERIES }),
  }
}
