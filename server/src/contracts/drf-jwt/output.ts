import type { Account } from '../../core/account.ts'

type Reply = { status: number; body: unknown }

/** Registration says that it worked, and nothing of the account. */
export function writeCreated(): Reply {
  return { status: 201, body: { message: 'The user has been successfully created.' } }
}

/** Login gives the profile and the token. */
export function writeLogin({ profile, username }: Account, token: string): Reply {
  const { name, phoneNumber } = profile
  return { status: 200, body: { name, username: username ?? '', phone_number: phoneNumber, token } }
}

/** What this contract's clients read from the token: PyJWT's usual `id`. */
export function claimsOf({ id }: Account): Readonly<Record<string, unknown>> {
  return { id }
}
