import type { Account } from '../../core/account.ts'
import type { ViewReply } from '../../manners/drf/view.ts'

/** Registration says that it worked, and nothing of the account. */
export function writeCreated(): ViewReply {
  return { status: 201, body: { message: 'The user has been successfully created.' } }
}

/** Login gives the profile and the token. */
export function writeLogin({ profile, username }: Account, token: string): ViewReply {
  const { name, phoneNumber } = profile
  return { status: 200, body: { name, username: username ?? '', phone_number: phoneNumber, token } }
}

/** What this contract's clients read from the token: PyJWT's usual `id`. */
export function claimsOf({ id }: Account): Readonly<Record<string, unknown>> {
  return { id }
}
