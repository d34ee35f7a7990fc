import type { Account } from './account.ts'
import { AuthError } from './errors.ts'
import { type Identifier, normaliseIdentifier } from './identifier.ts'
import type { LetterPurpose } from './mail.ts'
import type { AttemptBudget, Ports } from './ports.ts'
import type { Client } from './session.ts'
import { isStorable } from './text.ts'

const HOUR = 3_600_000

/**
 * Asks for a letter to an address: a password reset, or another proof of the address. Nobody learns whether anybody has
 * the address: the work is the same, and the letter itself is made and sent later.
 *
 * @throws {AuthError} `too_many_attempts` after five letters an hour to one address, or thirty from one network.
 */
export async function askForLetter(
  ports: Pick<Ports, 'store' | 'tokens' | 'now' | 'limits'>,
  request: { purpose: LetterPurpose; email: string; client: Client },
): Promise<void> {
  const identifier = normaliseIdentifier(request.email)
  const now = ports.now()
  if (ports.limits !== null) {
    const { blockedUntil } = await ports.store.takeAttempts(budgetsOf(ports.tokens.digest(identifier), request), now)
    if (blockedUntil !== null) throw new AuthError('too_many_attempts', { retryAfter: (blockedUntil - now) / 1000 })
  }
  const account = isStorable(identifier) ? await ports.store.findAccount({ by: 'identifier', identifier }) : null
  const isWanted = account !== null && isOwner(account, identifier) && isLetterWanted(request.purpose, account)
  await ports.store.addLetter({ purpose: request.purpose, accountId: isWanted ? account.id : null, now })
}

/** A username is no address, whoever has it. */
function isOwner({ email }: Account, identifier: Identifier): boolean {
  return email !== null && normaliseIdentifier(email) === identifier
}

/** A disabled account gets no letters, and an address that is proved needs no further proof. */
export function isLetterWanted(purpose: LetterPurpose, account: Account): boolean {
  if (!account.isActive || account.email === null) return false
  return purpose === 'password_reset' || !account.emailVerified
}

function budgetsOf(address: string, { client }: { client: Client }): AttemptBudget[] {
  const rule = { window: HOUR, whenUsedUp: 'wait', quiet: 0 } as const
  const network =
    client.network === null ? [] : [{ key: `letters-from:${client.network}`, rule: { ...rule, limit: 30 } }]
  return [{ key: `letters-to:${address}`, rule: { ...rule, limit: 5 } }, ...network]
}
