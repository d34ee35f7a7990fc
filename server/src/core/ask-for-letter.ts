import type { Account } from './account.ts'
import { LETTERS_FROM, LETTERS_TO, takeOrRefuse } from './attempts.ts'
import { type Identifier, normaliseIdentifier } from './identifier.ts'
import type { LetterPurpose } from './mail.ts'
import type { AttemptBudget, Ports } from './ports.ts'
import type { Client } from './session.ts'
import { isStorable } from './text.ts'

/**
 * Asks for a letter to an address: a password reset, or another proof of the address. Nobody learns whether anybody has
 * the address: the work is the same, and the letter itself is made and sent later.
 *
 * @throws {AuthError} `too_many_attempts` when an address has had its letters, or a network has asked for its own.
 */
export async function askForLetter(
  ports: Pick<Ports, 'store' | 'tokens' | 'audit' | 'now' | 'limits'>,
  request: { purpose: LetterPurpose; email: string; client: Client },
): Promise<void> {
  const identifier = normaliseIdentifier(request.email)
  const account = isStorable(identifier) ? await ports.store.findAccount({ by: 'identifier', identifier }) : null
  const { client } = request
  const budgets = budgetsOf(ports, identifier, client)
  if (budgets.length > 0) await takeOrRefuse(ports, budgets, { client, accountId: account?.id ?? null })
  const isWanted = account !== null && isOwner(account, identifier) && isLetterWanted(request.purpose, account)
  await ports.store.addLetter({ purpose: request.purpose, accountId: isWanted ? account.id : null, now: ports.now() })
  if (request.purpose === 'password_reset') {
    ports.audit.record({
      type: 'password_reset_requested',
      actor: 'anonymous',
      accountId: isWanted ? account.id : null,
      client,
    })
  }
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

function budgetsOf(
  { limits, tokens }: Pick<Ports, 'limits' | 'tokens'>,
  address: Identifier,
  { network }: Client,
): AttemptBudget[] {
  if (limits === null) return []
  const from = network === null ? [] : [{ key: `${LETTERS_FROM}${network}`, rule: limits.lettersFrom }]
  return [{ key: `${LETTERS_TO}${tokens.pseudonym(`name ${address}`)}`, rule: limits.lettersTo }, ...from]
}
