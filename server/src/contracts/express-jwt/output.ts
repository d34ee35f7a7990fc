import type { Account } from '../../core/account.ts'
import type { WireReply } from '../../http/contract.ts'
import { expressReply } from '../../manners/express-validator/replies.ts'

/** Login and registration both answer with the token. */
export function writeToken(token: string): WireReply {
  return expressReply(200, { status: 'success', token })
}

/** What this contract's clients read from the token: the account's number, under the name Express apps use. */
export function claimsOf({ id }: Account): Readonly<Record<string, unknown>> {
  return { id }
}
