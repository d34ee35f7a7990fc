/** Whose token it is. */
export type Identity = {
  /** The account's lasting name, a UUID: what to keep with rows of your own. */
  readonly subject: string
  /** The login that the token belongs to; it is the same in every token that the login gave. */
  readonly sessionId: string
  /** The account's number; an access token of `/v1` does not tell it, introspection does. */
  readonly userId?: number
  /** Told by introspection alone, as are the two below: a signed token does not hold what may change while it lives. */
  readonly username?: string
  readonly email?: string
  readonly isStaff?: boolean
  /** Until when the token is good, in milliseconds since 1970. */
  readonly expiresAt: number
  /** All that the token, or introspection, says. */
  readonly claims: Claims
}

/** What a token says of itself, or introspection of it. */
export type Claims = Readonly<Record<string, unknown>>

/** Reads whose token it is from what the token or introspection says; `null` where it does not say enough. */
export function readIdentity(claims: Claims): Identity | null {
  const { sub, sid, exp, user_id, id, username, email, is_staff } = claims
  if (typeof sub !== 'string' || sub === '' || typeof sid !== 'string' || sid === '') return null
  if (typeof exp !== 'number' || !Number.isFinite(exp)) return null
  // Two documents call the account's number `id`, one calls it `user_id`.
  const userId = user_id ?? id
  return {
    subject: sub,
    sessionId: sid,
    ...(typeof userId === 'number' ? { userId } : {}),
    ...(typeof username === 'string' && username !== '' ? { username } : {}),
    ...(typeof email === 'string' && email !== '' ? { email } : {}),
    ...(typeof is_staff === 'boolean' ? { isStaff: is_staff } : {}),
    expiresAt: exp * 1000,
    claims,
  }
}
