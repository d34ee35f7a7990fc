import { type AttemptRule, tighten } from './attempt-rules.ts'
import { recordThrottle } from './audit-event.ts'
import { AuthError } from './errors.ts'
import type { Identifier } from './identifier.ts'
import type { AttemptBudget, AttemptSettlement, Ports } from './ports.ts'
import type { Client } from './session.ts'

/** Whose guess budget an attempt is charged to: an account, or a name that nobody has. */
export type AttemptTarget =
  | { readonly accountId: number; readonly hasWeakPassword: boolean }
  | { readonly identifier: Identifier }

/** An attempt that has been counted. Left alone, it stays counted as a failure. */
export type Attempt = {
  /** What is owed when the password was right: the counter is forgotten, the network only gets this attempt back. */
  readonly onSuccess: AttemptSettlement
  /** What is owed when the password was never judged: nothing is charged. */
  readonly onRelease: AttemptSettlement
}

type AttemptPorts = Pick<Ports, 'store' | 'tokens' | 'audit' | 'now' | 'limits'>

/** What is owed to nobody. */
export const NOTHING_OWED: AttemptSettlement = { release: [], clear: [] }

/** How the key of an account's counters begins. */
export const ACCOUNT_ATTEMPTS = 'account:'
/** How the key of the counter of each other kind begins; after it comes a name's pseudonym, or a network. */
export const NAME_ATTEMPTS = 'name:'
export const NETWORK_ATTEMPTS = 'network:'
export const NAMES_ASKED = 'names:'
export const REGISTRATIONS = 'registrations:'
export const LETTERS_TO = 'letters-to:'
export const LETTERS_FROM = 'letters-from:'

/** How long a network is remembered after an account last signed in from it, in milliseconds. */
export const NETWORK_MEMORY = 90 * 86_400_000

/**
 * Counts an attempt *before* any hashing, so that a burst cannot outrun the counter. An unknown name is charged exactly
 * as a known account is. A client on loopback has no network to be told apart by, so only the account's budget holds.
 * Where an account has signed in from the client's network before, it has a second budget: strangers elsewhere, who use
 * up the first, cannot keep its owner out.
 *
 * @param names the name that was asked for, where the door tells whether somebody has it: networks are held to so many
 *   different ones.
 * @throws {AuthError} `too_many_attempts` with `retryAfter` when a budget is used up; nothing is counted then.
 */
export async function beginAttempt(
  ports: AttemptPorts,
  { target, client, names = [] }: { target: AttemptTarget; client: Client; names?: readonly Identifier[] },
): Promise<Attempt> {
  const { limits, tokens } = ports
  if (limits === null) return { onSuccess: NOTHING_OWED, onRelease: NOTHING_OWED }
  const isKnownNetwork = await isKnown(ports, target, client)
  const account: AttemptBudget = {
    key: targetKey(target, { isKnownNetwork, pseudonym: tokens.pseudonym }),
    rule: isTight(target, tokens.pseudonym) ? tighten(limits.account) : limits.account,
  }
  const { network } = client
  const guesses = network === null ? [] : limits.network.map((rule) => ({ key: networkKey(network, rule), rule }))
  // Where its owner has signed in before, nobody learns from a name that there is an account; and a stranger there who
  // asks about many must not keep the owner out.
  const asked = isKnownNetwork ? [] : nameBudgets(ports, names, client)
  const takenAt = await takeOrRefuse(ports, [account, ...guesses, ...asked], {
    client,
    accountId: 'accountId' in target ? target.accountId : null,
  })
  return {
    onSuccess: { release: [...guesses, ...asked], clear: [account.key], takenAt },
    onRelease: { release: [account, ...guesses, ...asked], clear: [], takenAt },
  }
}

/**
 * Counts the different names that a network asks about, at doors that tell whether somebody has them. A name that was
 * asked about before in the same time costs nothing: nothing new is learnt of it.
 *
 * @returns what is owed when the question was no question: the names became an account.
 * @throws {AuthError} `too_many_attempts`.
 */
export async function countNames(
  ports: AttemptPorts,
  { names, client }: { names: readonly Identifier[]; client: Client },
): Promise<AttemptSettlement> {
  const budgets = nameBudgets(ports, names, client)
  if (budgets.length === 0) return NOTHING_OWED
  const takenAt = await takeOrRefuse(ports, budgets, { client, accountId: null })
  return { release: budgets, clear: [], takenAt }
}

/**
 * Counts an account that is about to be made.
 *
 * @returns what is owed when it was not made after all.
 * @throws {AuthError} `too_many_attempts`.
 */
export async function countRegistration(ports: AttemptPorts, client: Client): Promise<AttemptSettlement> {
  const { limits } = ports
  if (limits === null || client.network === null) return NOTHING_OWED
  const budget = { key: `${REGISTRATIONS}${client.network}`, rule: limits.registrations }
  const takenAt = await takeOrRefuse(ports, [budget], { client, accountId: null })
  return { release: [budget], clear: [], takenAt }
}

/**
 * Counts against every budget, or against none where one is used up.
 *
 * @returns when it was counted.
 * @throws {AuthError} `too_many_attempts` with `retryAfter`.
 */
export async function takeOrRefuse(
  ports: Pick<Ports, 'store' | 'audit' | 'now'>,
  budgets: readonly AttemptBudget[],
  { client, accountId }: { client: Client; accountId: number | null },
): Promise<number> {
  const time = ports.now()
  const { blocked } = await ports.store.takeAttempts(budgets, time)
  if (blocked === null) return time
  recordThrottle(ports, { budget: kindOf(blocked.key), client, accountId })
  throw new AuthError('too_many_attempts', { retryAfter: (blocked.until - time) / 1000 })
}

/** The keys of an account's counters: what a reset, a deletion and a password set by an operator forget. */
export function accountAttemptKeys(accountId: number): readonly string[] {
  return [`${ACCOUNT_ATTEMPTS}${accountId}`, `${ACCOUNT_ATTEMPTS}${accountId}${AT_HOME}`]
}

/** How an account and a network are known together: nobody can read the network from it. */
export function networkDigest(
  { tokens }: Pick<Ports, 'tokens'>,
  { accountId, network }: { accountId: number; network: string },
): string {
  return tokens.pseudonym(`network ${accountId} ${network}`)
}

/** How the key of an account's counter for networks from which it has signed in before ends. */
export const AT_HOME = ':known-network'

/** A network has a counter for each window: two that are one would count everything twice. */
function networkKey(network: string, { window }: AttemptRule): string {
  const minutes = window / 60_000
  return `${NETWORK_ATTEMPTS}${network}:${Number.isInteger(minutes) ? `${minutes}m` : `${window / 1000}s`}`
}

/** What kind of budget a key is of: what comes before its first colon. */
function kindOf(key: string): string {
  return key.slice(0, key.indexOf(':'))
}

function targetKey(
  target: AttemptTarget,
  { isKnownNetwork, pseudonym }: { isKnownNetwork: boolean; pseudonym: (text: string) => string },
): string {
  if (!('accountId' in target)) return `${NAME_ATTEMPTS}${pseudonym(`name ${target.identifier}`)}`
  return `${ACCOUNT_ATTEMPTS}${target.accountId}${isKnownNetwork ? AT_HOME : ''}`
}

/**
 * A weak password has a third of the budget. So has, at random but always alike, a third of the names that nobody has:
 * else three guesses would tell that there is an account, and which one to go for.
 */
function isTight(target: AttemptTarget, pseudonym: (text: string) => string): boolean {
  if ('accountId' in target) return target.hasWeakPassword
  return Number.parseInt(pseudonym(`tight ${target.identifier}`).slice(0, 8), 16) % 3 === 0
}

/** The same question to the database, whether there is an account or not. */
async function isKnown(
  ports: Pick<Ports, 'store' | 'tokens' | 'now'>,
  target: AttemptTarget,
  { network }: Client,
): Promise<boolean> {
  if (network === null) return false
  const accountId = 'accountId' in target ? target.accountId : 0
  const digest = networkDigest(ports, { accountId, network })
  return ports.store.isKnownNetwork({ accountId, digest, since: ports.now() - NETWORK_MEMORY })
}

function nameBudgets(
  { tokens, limits }: Pick<Ports, 'tokens' | 'limits'>,
  names: readonly Identifier[],
  { network }: Client,
): AttemptBudget[] {
  if (limits === null || network === null) return []
  return names.map((name) => ({
    key: `${NAMES_ASKED}${network}`,
    rule: limits.names,
    distinct: tokens.pseudonym(`name ${name}`),
  }))
}
