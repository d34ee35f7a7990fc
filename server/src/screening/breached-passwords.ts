import { createHash } from 'node:crypto'
import { askRange, isInRange } from './ask-range.ts'
import { createCircuitBreaker } from './circuit-breaker.ts'

/** Where breached passwords are asked for, and how. */
export type BreachedPasswordsOptions = {
  /** The address of a Pwned Passwords range API, with its slash. */
  readonly url: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Is told what an operator should know, at most once a minute. */
  readonly warn: (message: string) => void
}

/** How much of a SHA-1 in hexadecimal leaves the machine. */
const PREFIX = 5
/** After so many failures in a row nobody is asked for so long, in milliseconds. */
const FAILURES = 5
const REST = 30_000
/** How many questions may be under way at once. Whoever comes when there are more is not made to wait. */
const MOST_AT_ONCE = 16
/** How many answers are kept, each of at most 512 kB and usually some 35, and for how long, in milliseconds. */
const MOST_KEPT = 16
const KEPT_FOR = 3_600_000
const WARN_EVERY = 60_000

/**
 * Makes the question whether a breach has shown a password. Only the first five digits of its SHA-1 are ever sent
 * (k-anonymity), and what is kept are answers, not what was asked about. Where no answer comes the answer is no: the
 * question never throws, and never takes longer than a second.
 */
export function createBreachedPasswords({
  url,
  now,
  warn,
}: BreachedPasswordsOptions): (password: string) => Promise<boolean> {
  const breaker = createCircuitBreaker({ failures: FAILURES, rest: REST, now })
  const kept = new Map<string, { readonly range: string; readonly since: number }>()
  const underWay = new Map<string, Promise<string | null>>()
  let warnedAt = Number.NEGATIVE_INFINITY

  return async (password) => {
    const hash = createHash('sha1').update(password, 'utf8').digest('hex').toUpperCase()
    const prefix = hash.slice(0, PREFIX)
    const range = findKept(prefix) ?? (await (underWay.get(prefix) ?? ask(prefix)))
    return range !== null && isInRange(range, hash.slice(PREFIX))
  }

  function findKept(prefix: string): string | null {
    const found = kept.get(prefix)
    if (found === undefined) return null
    if (now() - found.since < KEPT_FOR) return found.range
    kept.delete(prefix)
    return null
  }

  function ask(prefix: string): Promise<string | null> {
    if (underWay.size >= MOST_AT_ONCE || !breaker.mayAsk()) return Promise.resolve(null)
    const asking = askRange(url, prefix)
      .then((range) => {
        breaker.noteAnswer()
        keep(prefix, range)
        return range
      })
      .catch((error) => {
        breaker.noteFailure()
        tell(error)
        return null
      })
      .finally(() => underWay.delete(prefix))
    underWay.set(prefix, asking)
    return asking
  }

  function keep(prefix: string, range: string): void {
    const [oldest] = kept.keys()
    if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest)
    kept.set(prefix, { range, since: now() })
  }

  function tell(error: unknown): void {
    if (now() - warnedAt < WARN_EVERY) return
    warnedAt = now()
    warn(
      `Breached passwords could not be asked for (${error instanceof Error ? error.message : 'for an unknown reason'}): ` +
        'until that works, new passwords are held against the built-in list only. Check LATCHKEY_BREACHED_PASSWORDS_URL ' +
        'and whether this machine may reach it: npm run latchkey -- doctor',
    )
  }
}
