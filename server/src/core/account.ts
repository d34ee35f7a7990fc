import type { AttemptSettlement } from './store-port.ts'

/** Who somebody is. It carries no secret: the password's hash lives in `Credential` alone. */
export type Account = {
  /** A whole number, given once and never again, even after the account is deleted. SimpleJWT clients read it as `user_id`. */
  readonly id: number
  /** A random UUID (version 4): the `sub` of every token. */
  readonly subject: string
  /** As first written; unique ignoring case. `null` when the account has none. */
  readonly email: string | null
  /** As first written; unique ignoring case. `null` when the account has none. */
  readonly username: string | null
  readonly emailVerified: boolean
  readonly profile: Profile
  /** A disabled account can neither sign in nor use a token that it already has. */
  readonly isActive: boolean
  /** A flag for the team's own services. It grants nothing here. */
  readonly isStaff: boolean
  /** Whether the password was found to be common or breached when it was last seen: a tighter guess budget holds. */
  readonly hasWeakPassword: boolean
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly updatedAt: number
  readonly lastLoginAt: number | null
}

/** What an account says of itself. Absent parts are empty, never `null`. */
export type Profile = {
  readonly name: string
  readonly firstName: string
  readonly lastName: string
  readonly phoneNumber: string
}

/** What `authenticate` needs to judge a password, and nobody else sees. */
export type Credential = {
  readonly account: Account
  /** A PHC string, or `null` for an account without a password. */
  readonly passwordHash: string | null
  /** Counts up whenever everything that was opened under this credential must die. */
  readonly credentialVersion: number
}

/** An account that has just proved its password. Only a session opened with the same version is granted. */
export type Authenticated = {
  readonly account: Account
  readonly credentialVersion: number
  /** What the login's attempt is owed, in the same step in which its session is opened. */
  readonly settlement: AttemptSettlement
}

/**
 * Completes a profile: `name` and the first/last pair fill each other, so that an account made at one door is whole at
 * every other. A full name is split at its first space.
 */
export function completeProfile(given: Partial<Profile>): Profile {
  const phoneNumber = given.phoneNumber ?? ''
  const firstName = given.firstName ?? ''
  const lastName = given.lastName ?? ''
  const name = given.name ?? ''
  if (name === '') return { name: `${firstName} ${lastName}`.trim(), firstName, lastName, phoneNumber }
  if (firstName !== '' || lastName !== '') return { name, firstName, lastName, phoneNumber }
  const space = name.indexOf(' ')
  if (space === -1) return { name, firstName: name, lastName: '', phoneNumber }
  return { name, firstName: name.slice(0, space), lastName: name.slice(space + 1).trim(), phoneNumber }
}
