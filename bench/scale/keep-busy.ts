/** What some callers got done. */
export type Throughput = { readonly perSecond: number; readonly p50: number; readonly p99: number }

/**
 * Lets `callers` do something over and over, each as soon as its last is done, and counts.
 *
 * @param milliseconds how long no more are begun after.
 * @returns times in milliseconds.
 */
export async function keepBusy(
  { callers, milliseconds }: { callers: number; milliseconds: number },
  act: (caller: number) => Promise<void>,
): Promise<Throughput> {
  const times: number[] = []
  const started = performance.now()
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (let since = performance.now(); since - started < milliseconds; since = performance.now()) {
        await act(caller)
        times.push(performance.now() - since)
      }
    }),
  )
  const took = performance.now() - started
  const sorted = Float64Array.from(times).sort()
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0
  return { perSecond: (times.length * 1000) / took, p50: at(0.5), p99: at(0.99) }
}

/** Callers at once: nobody else, as many as a busy minute has, and a crowd. */
export const CALLERS = [1, 16, 64] as const
