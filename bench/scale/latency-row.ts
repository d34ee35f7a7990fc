import { quantile } from '../tools/statistics.ts'
import type { Database } from './database.ts'
import type { SizeName } from './plan.ts'

/** How much longer than at the smallest size the slowest hundredth may take at the largest. */
export const REACH = 1.3

/** Microseconds. */
export type Latency = { readonly p50: number; readonly p99: number; readonly longest: number; readonly samples: number }

/** One operation on one engine, by the number of accounts. */
export type LatencyRow = {
  readonly engine: string
  readonly operation: string
  readonly bySize: Readonly<Partial<Record<SizeName, Latency>>>
  /** The p99 at the largest size by that at the smallest, and the same of the p50. */
  readonly ratio: number
  readonly medianRatio: number
  readonly verdict: 'reached' | 'missed'
}

/**
 * Sums up what was measured of one operation.
 *
 * @param times microseconds, a list for each database.
 */
export function toLatencyRow(
  operation: string,
  databases: readonly Database[],
  times: readonly (readonly number[])[],
): LatencyRow {
  const latencies = times.map((own) => ({
    p50: quantile(own, 0.5),
    p99: quantile(own, 0.99),
    longest: quantile(own, 1),
    samples: own.length,
  }))
  const first = latencies[0]
  const last = latencies.at(-1)
  if (first === undefined || last === undefined) throw new Error('There is no database to sum up.')
  const ratio = last.p99 / first.p99
  return {
    engine: databases[0]?.engine ?? '',
    operation,
    bySize: Object.fromEntries(databases.map(({ size }, index) => [size, latencies[index]])),
    ratio,
    medianRatio: last.p50 / first.p50,
    verdict: ratio <= REACH ? 'reached' : 'missed',
  }
}
