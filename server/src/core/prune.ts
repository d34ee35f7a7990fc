import type { Ports } from './ports.ts'

const DAY = 86_400_000

/**
 * Forgets what no request can need any more: sessions a week past their end (until then an expired key is told that it
 * expired), and attempt counters untouched for two days.
 *
 * @returns how many rows of each went.
 */
export async function prune({
  store,
  now,
}: Pick<Ports, 'store' | 'now'>): Promise<{ sessions: number; attempts: number }> {
  const time = now()
  return { sessions: await store.pruneSessions(time - 7 * DAY), attempts: await store.pruneAttempts(time - 2 * DAY) }
}
