import { quantile } from '../../../../bench/tools/statistics.ts'
import type { Answer } from './open-line.ts'

/** How often each status came back; 0 stands for a connection that broke. */
export type Statuses = Readonly<Record<number, number>>

/** What came of many requests. */
export type Tally = {
  readonly statuses: Statuses
  /** Refusals (429, 503) that did not say when to come back. */
  readonly withoutRetryAfter: number
}

/** Counts answers. */
export function startTally(): { count(answer: Omit<Answer, 'took'>): void; sum(): Tally } {
  const statuses: Record<number, number> = {}
  let withoutRetryAfter = 0
  return {
    count({ status, retryAfter }) {
      statuses[status] = (statuses[status] ?? 0) + 1
      if ((status === 429 || status === 503) && retryAfter === null) withoutRetryAfter++
    },
    sum: () => ({ statuses, withoutRetryAfter }),
  }
}

/** Adds two tallies up. */
export function addTallies(one: Tally, other: Tally): Tally {
  const statuses: Record<number, number> = { ...one.statuses }
  for (const [status, count] of Object.entries(other.statuses)) {
    statuses[Number(status)] = (statuses[Number(status)] ?? 0) + count
  }
  return { statuses, withoutRetryAfter: one.withoutRetryAfter + other.withoutRetryAfter }
}

/** How many answers had one of the statuses. */
export function countOf({ statuses }: Tally, isMeant: (status: number) => boolean): number {
  return Object.entries(statuses).reduce((sum, [status, count]) => (isMeant(Number(status)) ? sum + count : sum), 0)
}

/** Milliseconds: the middle, the slowest but one in a hundred, the slowest. */
export type Latency = { readonly count: number; readonly p50: number; readonly p99: number; readonly longest: number }

/** Sums up times in milliseconds. */
export function summarise(times: readonly number[]): Latency {
  if (times.length === 0) return { count: 0, p50: 0, p99: 0, longest: 0 }
  return { count: times.length, p50: quantile(times, 0.5), p99: quantile(times, 0.99), longest: quantile(times, 1) }
}
