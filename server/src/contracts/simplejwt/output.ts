import type { Account } from '../../core/account.ts'
import { readOnlyField, type ViewReply } from '../../manners/drf/view.ts'
import { REFRESH_FIELDS } from './input.ts'

/** What OPTIONS lists for a refresh: what is sent, and the token that comes back. */
export const REFRESH_OUTPUT = { ...REFRESH_FIELDS, access: readOnlyField('string') }

/** Registration says that it worked, and nothing of the account. */
export function writeCreated(): ViewReply {
  return { status: 201, body: { message: 'User created successfully' } }
}

/** Login gives both tokens, `refresh` first as the library writes them. */
export function writePair({ refresh, access }: { refresh: string; access: string }): ViewReply {
  return { status: 200, body: { refresh, access } }
}

/** A refresh gives a new access token; the refresh token stays as it is. */
export function writeAccess({ access }: { access: string }): ViewReply {
  return { status: 200, body: { access } }
}

/** Logout says that it worked. */
export function writeLoggedOut(): ViewReply {
  return { status: 200, body: { message: 'Logged out successfully' } }
}

/** The answer of `token/verify/` and `token/blacklist/`. */
export function writeNothing(): ViewReply {
  return { status: 200, body: {} }
}

/** What SimpleJWT's clients read from a token besides its own claims: the account's number. */
export function claimsOf({ id }: Account): Readonly<Record<string, unknown>> {
  return { user_id: id }
}
