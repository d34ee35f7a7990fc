/** One budget: how many attempts in how long a time, and what happens then. Times are in milliseconds. */
export type AttemptRule = {
  readonly limit: number
  readonly window: number
  /** `wait` for the window to end, or `back_off`: each further attempt doubles the wait. */
  readonly whenUsedUp: 'wait' | 'back_off'
  /** How long a used-up budget must be left alone, besides its window, before it starts again. */
  readonly quiet: number
}

/** The guess budgets in force, or `null` where `LATCHKEY_LIMITS=off`. */
export type AttemptLimits = {
  readonly account: AttemptRule
  readonly network: readonly AttemptRule[]
} | null

const SECOND = 1000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

/** The back-off begins with this wait and doubles up to the longest. */
const FIRST_WAIT = SECOND
const LONGEST_WAIT = 15 * MINUTE
/** After so many failures in a row (NIST SP 800-63B-4, 3.2.2) one guess a day is left. */
export const CONSECUTIVE_LIMIT = 100

/**
 * The budgets in force unless `LATCHKEY_LIMITS=off`: ten failures in five minutes for an account, then a wait that
 * doubles from 1 s to 15 min until a success or a quiet day, and after a hundred in a row one a day until a success;
 * sixty in five minutes and three hundred an hour for a network.
 */
export const DEFAULT_LIMITS: NonNullable<AttemptLimits> = {
  account: { limit: 10, window: 5 * MINUTE, whenUsedUp: 'back_off', quiet: DAY },
  network: [
    { limit: 60, window: 5 * MINUTE, whenUsedUp: 'wait', quiet: 0 },
    { limit: 300, window: 60 * MINUTE, whenUsedUp: 'wait', quiet: 0 },
  ],
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
  if (count >= forgivableUpTo(rule)) return now + DAY
  return now + Math.min(FIRST_WAIT * 2 ** (count - rule.limit), LONGEST_WAIT)
}

/** From so many attempts on, only a success makes a budget start again, however long it has been left alone. */
export function forgivableUpTo({ whenUsedUp }: AttemptRule): number {
  return whenUsedUp === 'back_off' ? CONSECUTIVE_LIMIT : Number.MAX_SAFE_INTEGER
}
