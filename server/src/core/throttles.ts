import {
  ACCOUNT_ATTEMPTS,
  AT_HOME,
  accountAttemptKeys,
  LETTERS_FROM,
  LETTERS_TO,
  NAME_ATTEMPTS,
  NAMES_ASKED,
  NETWORK_ATTEMPTS,
  REGISTRATIONS,
} from './attempts.ts'
import { normaliseIdentifier } from './identifier.ts'
import type { AttemptCounter, AttemptMatch, Ports } from './ports.ts'

/** What a counter counts. */
export type ThrottleKind =
  | 'guesses_at_account'
  | 'guesses_at_account_from_known_networks'
  | 'guesses_at_unknown_name'
  | 'guesses_from_network'
  | 'names_asked_by_network'
  | 'registrations_from_network'
  | 'letters_to_address'
  | 'letters_from_network'

/** A counter as an operator sees it. Times are milliseconds since 1970. */
export type Throttle = {
  readonly kind: ThrottleKind
  /** Whose guesses are counted, where somebody has the name. */
  readonly accountId: number | null
  readonly network: string | null
  /** A name or address that is kept as a pseudonym only: whoever knows it can find the counter, and nobody else. */
  readonly pseudonym: string | null
  /** In which time it is counted, such as `5m`, where a network has several counters. */
  readonly window: string | null
  readonly count: number
  readonly windowStartedAt: number
  readonly lastAt: number
  /** Until when nothing more is let through, or `null` while it is. */
  readonly blockedUntil: number | null
}

/** Whom counters are about. */
export type ThrottleSubject =
  | { readonly accountId: number }
  /** An email or username that nobody need have. */
  | { readonly name: string }
  /** In canonical form. */
  | { readonly network: string }
  | 'everybody'

/** Counters, those that block longest first. */
export async function listThrottles(
  ports: Pick<Ports, 'store' | 'tokens' | 'now'>,
  { subject, isBlocked, limit }: { subject: ThrottleSubject; isBlocked: boolean; limit: number },
): Promise<readonly Throttle[]> {
  const now = ports.now()
  const found: AttemptCounter[] = []
  for (const match of await matchesOf(ports, subject)) {
    found.push(...(await ports.store.listAttempts({ ...match, limit, ...(isBlocked ? { blockedAt: now } : {}) })))
  }
  return found
    .toSorted((left, right) => right.blockedUntil - left.blockedUntil || right.lastAt - left.lastAt)
    .slice(0, limit)
    .map((counter) => toThrottle(counter, now))
}

/** Forgets counters on an operator's word: whoever was held back may try again at once. Says how many there were. */
export async function clearThrottles(
  ports: Pick<Ports, 'store' | 'tokens' | 'audit'>,
  subject: ThrottleSubject,
): Promise<number> {
  let cleared = 0
  for (const match of await matchesOf(ports, subject)) cleared += await ports.store.clearAttempts(match)
  ports.audit.record({
    type: 'throttle_cleared',
    actor: 'operator',
    accountId: typeof subject === 'object' && 'accountId' in subject ? subject.accountId : null,
    client: null,
    detail: { of: wordSubject(subject), count: String(cleared) },
  })
  return cleared
}

/** An account has its letters counted by its address, and a name that nobody has its guesses too. */
async function matchesOf(
  { store, tokens }: Pick<Ports, 'store' | 'tokens'>,
  subject: ThrottleSubject,
): Promise<AttemptMatch[]> {
  const pseudonymOf = (name: string) => tokens.pseudonym(`name ${normaliseIdentifier(name)}`)
  if (subject === 'everybody') return [{ prefix: '' }]
  if ('name' in subject) {
    const pseudonym = pseudonymOf(subject.name)
    return [{ keys: [`${NAME_ATTEMPTS}${pseudonym}`, `${LETTERS_TO}${pseudonym}`] }]
  }
  if ('network' in subject) {
    const { network } = subject
    const kinds = [NAMES_ASKED, REGISTRATIONS, LETTERS_FROM]
    return [{ prefix: `${NETWORK_ATTEMPTS}${network}:` }, { keys: kinds.map((kind) => `${kind}${network}`) }]
  }
  const account = await store.findAccount({ by: 'id', id: subject.accountId })
  const letters = account?.email ? [`${LETTERS_TO}${pseudonymOf(account.email)}`] : []
  return [{ keys: [...accountAttemptKeys(subject.accountId), ...letters] }]
}

/** The audit log is told of a network without its address: how much of that it may keep is a setting. */
function wordSubject(subject: ThrottleSubject): string {
  if (subject === 'everybody') return subject
  if ('accountId' in subject) return 'account'
  return 'name' in subject ? 'name' : 'network'
}

function toThrottle({ key, count, windowStartedAt, lastAt, blockedUntil }: AttemptCounter, now: number): Throttle {
  return {
    ...readKey(key),
    count,
    windowStartedAt,
    lastAt,
    blockedUntil: blockedUntil > now ? blockedUntil : null,
  }
}

type Meaning = Pick<Throttle, 'kind' | 'accountId' | 'network' | 'pseudonym' | 'window'>

function readKey(key: string): Meaning {
  const colon = key.indexOf(':') + 1
  const rest = key.slice(colon)
  const nobody = { accountId: null, network: null, pseudonym: null, window: null }
  switch (key.slice(0, colon)) {
    case ACCOUNT_ATTEMPTS: {
      const isHome = rest.endsWith(AT_HOME)
      const accountId = Number.parseInt(rest, 10)
      return { ...nobody, kind: isHome ? 'guesses_at_account_from_known_networks' : 'guesses_at_account', accountId }
    }
    case NETWORK_ATTEMPTS: {
      const end = rest.lastIndexOf(':')
      return { ...nobody, kind: 'guesses_from_network', network: rest.slice(0, end), window: rest.slice(end + 1) }
    }
    case NAMES_ASKED:
      return { ...nobody, kind: 'names_asked_by_network', network: rest }
    case REGISTRATIONS:
      return { ...nobody, kind: 'registrations_from_network', network: rest }
    case LETTERS_FROM:
      return { ...nobody, kind: 'letters_from_network', network: rest }
    case LETTERS_TO:
      return { ...nobody, kind: 'letters_to_address', pseudonym: rest }
    default:
      return { ...nobody, kind: 'guesses_at_unknown_name', pseudonym: rest }
  }
}
