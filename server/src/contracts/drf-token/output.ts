import type { Account } from '../../core/account.ts'
import { readOnlyField, type ViewReply } from '../../manners/drf/view.ts'
import { DETAILS_FIELDS, REGISTRATION_FIELDS } from './input.ts'

/** What OPTIONS lists for registration: what is sent, and the id that comes back. */
export const REGISTRATION_OUTPUT = { id: readOnlyField('integer'), ...REGISTRATION_FIELDS }

/** What OPTIONS lists for one's own details. */
export const DETAILS_OUTPUT = {
  pk: readOnlyField('integer'),
  username: DETAILS_FIELDS.whole.username,
  email: readOnlyField('email', 'Email address'),
  first_name: DETAILS_FIELDS.whole.first_name,
  last_name: DETAILS_FIELDS.whole.last_name,
}

/** Registration gives the account back, without its password. */
export function writeRegistered({ id, email, profile }: Account): ViewReply {
  const { firstName, lastName } = profile
  return { status: 201, body: { id, first_name: firstName, last_name: lastName, email: email ?? '' } }
}

/** Login gives the key and nothing else. */
export function writeKey({ key }: { key: string }): ViewReply {
  return { status: 200, body: { key } }
}

/** Logout says that it worked. */
export function writeLoggedOut(): ViewReply {
  return { status: 200, body: { detail: 'Successfully logged out.' } }
}

/** Logout without any credentials: the documented 400. */
export function writeNotLoggedIn(): ViewReply {
  return { status: 400, body: { detail: 'You should be logged in to logout. Check whether the token is passed.' } }
}

/** One's own details, as dj-rest-auth gives them. */
export function writeDetails({ id, username, email, profile }: Account): ViewReply {
  const { firstName, lastName } = profile
  const names = { first_name: firstName, last_name: lastName }
  return { status: 200, body: { pk: id, username: username ?? '', email: email ?? '', ...names } }
}

/** The password is changed. */
export function writePasswordChanged(): ViewReply {
  return { status: 200, body: { detail: 'New password has been saved.' } }
}

/** The letter is on its way, or would be if anybody had the address. */
export function writeResetSent(): ViewReply {
  return { status: 200, body: { detail: 'Password reset e-mail has been sent.' } }
}

/** The password is reset. */
export function writePasswordReset(): ViewReply {
  return { status: 200, body: { detail: 'Password has been reset with the new password.' } }
}

/** dj-rest-auth's answer where there is nothing to say. */
export function writeOk(): ViewReply {
  return { status: 200, body: { detail: 'ok' } }
}
