import type { Account } from '../core/account.ts'
import type { Core } from '../core/core.ts'
import { makePrintable } from './print.ts'
import { CommandFailure } from './refusals.ts'

/**
 * Finds the account that an operator names by its id, email or username.
 *
 * @throws {CommandFailure} when there is none.
 */
export async function findAccount(core: Core, text: string): Promise<Account> {
  const account = await core.administration.findAccount(text)
  if (account === null) throw noSuchAccount(text)
  return account
}

/** The refusal for an account that is not there, or no longer. */
export function noSuchAccount(text: string): CommandFailure {
  return new CommandFailure(`There is no account ${makePrintable(text)}: name it by its id, email or username.`)
}

/** How an account is called in a sentence. */
export function nameAccount({ id, email, username }: Account): string {
  return `account ${id} (${makePrintable(email ?? username ?? 'no name')})`
}
