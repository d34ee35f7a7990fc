import type { AttemptLimits } from './attempt-rules.ts'
import { AuthError } from './errors.ts'
import type { Identifier } from './identifier.ts'
import type { AttemptBudget, Ports } from './ports.ts'
import type { Client } from './session.ts'

/** Whose guess budget an attempt is charged to: an account, or a name that nobody has. */
export type AttemptTarget = { readonly accountId: number } | { readonly identifier: Identifier }

/** An attempt that has been counted. Left alone, it stays counted as a failure. */
export type Attempt = {
  /** The password was right: the account's counter is forgotten; the network only gets this attempt back. */
  succeed(): Promise<void>
  /** The password was never judged: nothing is charged. */
  release(): Promise<void>
}

/**
 * Counts an attempt *before* any hashing, so that a burst cannot outrun the counter. An unknown name is charged exactly
 * as a known account is. A client on loopback has no network to be told apart by, so only the account's budget holds.
 *
 * @throws {AuthError} `too_many_attempts` with `retryAfter` when a budget is used up; nothing is counted then.
 */
export async function beginAttempt(
  { store, tokens, now, limits }: Pick<Ports, 'store' | 'tokens' | 'now' | 'limits'>,
  { target, client }: { target: AttemptTarget; client: Client },
): Promise<Attempt> {
  if (limits === null) return { succeed: async () => {}, release: async () => {} }
  const account: AttemptBudget = { key: targetKey(target, tokens.digest), rule: limits.account }
  const network = client.network === null ? [] : networkBudgets(client.network, limits.network)
  const time = now()
  const { blockedUntil } = await store.takeAttempts([account, ...network], time)
  if (blockedUntil !== null) {
    throw new AuthError('too_many_attempts', { retryAfter: (blockedUntil - time) / 1000 })
  }
  return {
    succeed: () => store.settleAttempts({ release: network, clear: [account.key] }),
    release: () => store.settleAttempts({ release: [account, ...network], clear: [] }),
  }
}

/** How the key of an account's counter begins. */
export const ACCOUNT_ATTEMPTS = 'account:'

/** The key of an account's counter: what `deleteAccount` and a password set by an operator forget. */
export function accountAttemptKey(accountId: number): string {
  return `${ACCOUNT_ATTEMPTS}${accountId}`
}

function targetKey(target: AttemptTarget, digest: (text: string) => string): string {
  if ('accountId' in target) return accountAttemptKey(target.accountId)
  return `name:${digest(target.identifier)}`
}

function networkBudgets(network: string, rules: NonNullable<AttemptLimits>['network']): AttemptBudget[] {
  return rules.map((rule) => ({ key: `network:${network}:${rule.window / 60_000}m`, rule }))
}
