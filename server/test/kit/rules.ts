import { type AttemptRule, DEFAULT_LIMITS } from '../../src/core/attempt-rules.ts'

/** A budget of `limit` attempts in `window` milliseconds, in the manner of those of networks. */
export function fixedRule(limit: number, window: number): AttemptRule {
  const [rule] = DEFAULT_LIMITS.network
  if (rule === undefined) throw new Error('There is no budget for networks any more.')
  return { ...rule, limit, window }
}
