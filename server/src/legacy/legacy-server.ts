import { randomUUID } from 'node:crypto'
import type { LegacyVerdict, TypedLogin } from '../core/ports.ts'
import type { LegacyLogin } from '../http/legacy-login.ts'
import { createCircuitBreaker } from '../screening/circuit-breaker.ts'
import { postLogin } from './post-login.ts'
import { createRecentTimes } from './recent-times.ts'

/** An old server, and how it is asked. */
export type LegacyServerOptions = {
  /** The setting that names it, for the operator. */
  readonly setting: string
  /** The address of its login. */
  readonly url: URL
  readonly login: LegacyLogin
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Is told what an operator should know, at most once a minute. */
  readonly warn: (words: string) => void
  /** How time is told and let pass; tests turn it. */
  readonly elapsed?: () => number
  readonly wait?: (milliseconds: number) => Promise<void>
  /** How long a question may take, in milliseconds. */
  readonly patience?: number
}

/** One old server. */
export type LegacyServer = {
  ask(login: TypedLogin): Promise<LegacyVerdict>
  pause(): Promise<void>
}

/** After so many failures in a row nobody asks for so long, in milliseconds. */
const FAILURES = 5
const REST = 30_000
/** How many may ask at once, and how many may wait as if they did. Whoever comes when there are more is not made to wait. */
const MOST_ASKING = 32
const MOST_PAUSING = 1000
const WARN_EVERY = 60_000
/** The most that timers are taken to be late, in milliseconds, and how much the last one counts. */
const MOST_LATE = 3
const LATENESS_WEIGHT = 0.1

/** Makes the one way to an old server: so many at once, none while it does not answer, and never throwing. */
export function createLegacyServer({
  setting,
  url,
  login: contract,
  now,
  warn,
  elapsed = () => performance.now(),
  wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  patience,
}: LegacyServerOptions): LegacyServer {
  const breaker = createCircuitBreaker({ failures: FAILURES, rest: REST, now })
  const times = createRecentTimes(elapsed)
  let asking = 0
  let pausing = 0
  let lateness = 0
  let warnedAt = Number.NEGATIVE_INFINITY

  return { ask, pause }

  async function ask(login: TypedLogin): Promise<LegacyVerdict> {
    if (asking >= MOST_ASKING || !breaker.mayAsk()) return { verdict: 'unavailable' }
    asking++
    const started = elapsed()
    const verdict = await question(login)
    asking--
    if (verdict.verdict === 'unavailable') breaker.noteFailure()
    else breaker.noteAnswer()
    if (verdict.verdict !== 'accepted') times.note(elapsed() - started)
    return verdict
  }

  async function pause(): Promise<void> {
    // Where those who ask are turned away at once, so is everybody.
    if (asking >= MOST_ASKING || pausing >= MOST_PAUSING || breaker.isResting()) return
    const took = times.next()
    pausing++
    // Nobody was refused lately: how long that takes is found out, with a name that nobody has.
    if (took === null) await ask({ identifier: `${randomUUID()}@latchkey.invalid`, password: randomUUID() })
    else await pass(took)
    pausing--
  }

  /** Timers are late by a millisecond or so: how late they were lately is taken off, or known names would be the slow ones. */
  async function pass(took: number): Promise<void> {
    const started = elapsed()
    const asked = Math.max(0, took - lateness)
    await wait(asked)
    const late = Math.min(MOST_LATE, Math.max(0, elapsed() - started - asked))
    lateness += (late - lateness) * LATENESS_WEIGHT
  }

  async function question(login: TypedLogin): Promise<LegacyVerdict> {
    try {
      const reply = await postLogin(url, contract.write(login), patience === undefined ? {} : { patience })
      const shown = contract.read(reply, login)
      if (shown === null) throw new Error(`it answered ${reply.status}, which is no answer to a login here`)
      if (typeof shown === 'object') return { verdict: 'accepted', shown }
      return { verdict: 'refused', knowsName: shown === 'wrong_password' }
    } catch (error) {
      tell(error)
      return { verdict: 'unavailable' }
    }
  }

  function tell(error: unknown): void {
    const time = now()
    if (time - warnedAt < WARN_EVERY && time >= warnedAt) return
    warnedAt = time
    const reason = error instanceof Error ? error.message : 'for an unknown reason'
    warn(
      `The old server at ${url.origin} could not be asked for a login (${reason}): until it can, nobody who has not been moved in ` +
        `yet can sign in. Check ${setting} and the old server with: latchkey doctor. Once it is switched off for good, remove ${setting}.`,
    )
  }
}
