import { CONSECUTIVE_LIMIT } from './attempt-rules.ts'
import { ACCOUNT_ATTEMPTS } from './attempts.ts'
import type { Ports } from './ports.ts'

const DAY = 86_400_000

/** How many rows of each went. */
export type Pruned = { readonly sessions: number; readonly attempts: number; readonly oneTimeTokens: number }

/**
 * Forgets what no request can need any more: sessions a week past their end (until then an expired key is told so, once), attempt counters untouched for two days (but not an account's that has come to a hundred in a row: only a
 * success ends that), and tokens of letters whose time is over.
 */
export async function prune({ store, now }: Pick<Ports, 'store' | 'now'>): Promise<Pruned> {
  const time = now()
  return {
    sessions: await store.pruneSessions(time - 7 * DAY),
    attempts: await store.pruneAttempts(time - 2 * DAY, { prefix: ACCOUNT_ATTEMPTS, from: CONSECUTIVE_LIMIT }),
    oneTimeTokens: await store.pruneOneTimeTokens(time),
  }
}
