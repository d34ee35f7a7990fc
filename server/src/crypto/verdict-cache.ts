/** Verdicts on texts that never change, the latest kept. */
export type VerdictCache<Verdict> = {
  get(text: string): Verdict | undefined
  set(text: string, verdict: Verdict): void
}

/**
 * Remembers up to `size` verdicts and forgets the one asked for longest ago. It holds verdicts on signatures only:
 * whether a token's time is over and its session alive is asked anew each time. A signature that was good stays good, so
 * what is held is never stale, in however many processes; a verdict takes half a kilobyte or so, with its token.
 */
export function createVerdictCache<Verdict>(size = 10_000): VerdictCache<Verdict> {
  const verdicts = new Map<string, Verdict>()
  return {
    get(text) {
      const verdict = verdicts.get(text)
      if (verdict === undefined) return undefined
      // A Map keeps the order of insertion: to the back of the queue.
      verdicts.delete(text)
      verdicts.set(text, verdict)
      return verdict
    },
    set(text, verdict) {
      verdicts.delete(text)
      verdicts.set(text, verdict)
      if (verdicts.size <= size) return
      const [oldest] = verdicts.keys()
      if (oldest !== undefined) verdicts.delete(oldest)
    },
  }
}
