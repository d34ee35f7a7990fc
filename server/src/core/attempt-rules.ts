/** One budget: how many attempts in how long a time, and what happens then. Times are in milliseconds. */
export type AttemptRule = {
  readonly limit: number
  readonly window: number
  /** `wait` for the window to end, or `back_off`: each further attempt doubles the wait. */
  readonly whenUsedUp: 'wait' | 'back_off'
  /** How long a used-up budget must be left alone, besides its window, before it starts again. */
  readonly quiet: number
  /** From so many attempts in a row on, one a day is left, and only a success makes the budget start again. */
  readonly consecutive: number
}

/** So many in so long a time, in milliseconds. */
export type Rate = { readonly limit: number; readonly window: number }

/** The budgets as an operator sets them. */
export type LimitRates = {
  /** Guesses at one account, whatever the door. */
  readonly account: Rate
  /** Failed guesses from one network. */
  readonly network: readonly Rate[]
  /** Different names that one network may ask a door about that tells whether somebody has them. */
  readonly names: Rate
  /** Accounts that one network may make. */
  readonly registrations: Rate
  /** Letters to one address. */
  readonly lettersTo: Rate
  /** Letters that one network may ask for. */
  readonly lettersFrom: Rate
}

/** The budgets in force, or `null` where `LATCHKEY_LIMITS=off`. */
export type AttemptLimits = {
  readonly account: AttemptRule
  readonly network: readonly AttemptRule[]
  readonly names: AttemptRule
  readonly registrations: AttemptRule
  readonly lettersTo: AttemptRule
  readonly lettersFrom: AttemptRule
} | null

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The back-off begins with this wait and doubles up to the longest. */
const FIRST_WAIT = SECOND
const LONGEST_WAIT = 15 * MINUTE

/**
 * After so many failures in a row one guess a day is left. An account has two counters, one for networks where it has
 * signed in before and one for all others: together they hold NIST SP 800-63B-4's hundred (3.2.2).
 */
export const CONSECUTIVE_LIMIT = 50

/** How many times fewer guesses there are at an account whose password is known to be weak. */
const WEAK_FACTOR = 3

/** The budgets in force unless settings say otherwise. */
export const DEFAULT_RATES: LimitRates = {
  account: { limit: 10, window: 5 * MINUTE },
  network: [
    { limit: 60, window: 5 * MINUTE },
    { limit: 300, window: HOUR },
  ],
  names: { limit: 30, window: HOUR },
  registrations: { limit: 60, window: HOUR },
  lettersTo: { limit: 5, window: HOUR },
  lettersFrom: { limit: 30, window: HOUR },
}

/**
 * The rules that rates make: at an account each failure beyond its limit doubles a wait from 1 s to 15 min, until a
 * success or a quiet day; every other budget waits for its window to end.
 */
export function toLimits(rates: LimitRates): NonNullable<AttemptLimits> {
  return {
    account: { ...rates.account, whenUsedUp: 'back_off', quiet: DAY, consecutive: CONSECUTIVE_LIMIT },
    network: rates.network.map(waiting),
    names: waiting(rates.names),
    registrations: waiting(rates.registrations),
    lettersTo: waiting(rates.lettersTo),
    lettersFrom: waiting(rates.lettersFrom),
  }
}

/** The budgets in force unless `LATCHKEY_LIMITS=off` or others were set. */
export const DEFAULT_LIMITS: NonNullable<AttemptLimits> = toLimits(DEFAULT_RATES)

/** The guess budget of an account whose password is weak: a third of the usual one. */
export function tighten(rule: AttemptRule): AttemptRule {
  const third = (count: number) => Math.max(1, Math.floor(count / WEAK_FACTOR))
  return { ...rule, limit: third(rule.limit), consecutive: third(rule.consecutive) }
}

/**
 * Until when no further attempt is let through, once `count` have been counted: milliseconds since 1970, or 0 while the
 * budget is not used up.
 */
export function blockedUntilAfter(
  rule: AttemptRule,
  { count, windowStartedAt, now }: { count: number; windowStartedAt: number; now: number },
): number {
  if (count < rule.limit) return 0
  if (rule.whenUsedUp === 'wait') return windowStartedAt + rule.window
  if (count >= rule.consecutive) return now + DAY
  return now + Math.min(FIRST_WAIT * 2 ** (count - rule.limit), LONGEST_WAIT)
}

function waiting(rate: Rate): AttemptRule {
  return { ...rate, whenUsedUp: 'wait', quiet: 0, consecutive: Number.MAX_SAFE_INTEGER }
}
