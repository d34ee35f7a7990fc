import { completeProfile, type Profile } from './account.ts'
import type { Login } from './authenticate.ts'
import { type Identifier, isEmailAddress, normaliseIdentifier } from './identifier.ts'
import type { NamedIdentifier, NewAccount, ShownAccount } from './ports.ts'
import { isStorable } from './text.ts'

/** The longest part of a profile, and the longest address, that is kept. */
const LONGEST_TEXT = 255
const LONGEST_ADDRESS = 254

/**
 * Makes an account of what a back end before showed of it. What registration would refuse is taken, for it was taken
 * there: but nothing that no database keeps, no rights, and no proof of an address.
 */
export function toAdoptedAccount({
  login,
  identifier,
  shown,
}: {
  login: Login
  identifier: Identifier
  shown: ShownAccount
}): Omit<NewAccount, 'subject' | 'passwordHash' | 'createdAt'> {
  const { email, username } = toNames({ login, identifier, shown })
  const identifiers = new Map<Identifier, NamedIdentifier>()
  if (username !== null) add('username', username)
  if (email !== null) add('email', email)
  return {
    email,
    username,
    identifiers: [...identifiers.values()],
    profile: completeProfile(toProfile(shown.profile)),
    isActive: true,
    isStaff: false,
    hasWeakPassword: false,
    credentialVersion: 1,
  }

  function add(kind: NamedIdentifier['kind'], text: string): void {
    const value = normaliseIdentifier(text)
    identifiers.set(value, { value, kind })
  }
}

/**
 * The name that was typed is one of the two, whatever else is shown. A username that is an address is the account's own
 * address here, so that nobody's username is somebody else's address.
 */
function toNames({ login, identifier, shown }: Parameters<typeof toAdoptedAccount>[0]): {
  email: string | null
  username: string | null
} {
  const typed = login.identifier
  const isTyped = (name: string | null) => name !== null && normaliseIdentifier(name) === identifier
  const shownEmail = sound(shown.email, LONGEST_ADDRESS)
  const shownUsername = sound(shown.username, LONGEST_TEXT)
  const takesUsernames = login.kinds === undefined || login.kinds.includes('username')
  const isAddress = !takesUsernames || isEmailAddress(identifier)
  if (isAddress) {
    const email = isTyped(shownEmail) ? shownEmail : typed
    const isFree = shownUsername !== null && !isEmailAddress(normaliseIdentifier(shownUsername))
    return { email, username: isTyped(shownUsername) || isFree ? shownUsername : null }
  }
  const isOwn = shownEmail !== null && isEmailAddress(normaliseIdentifier(shownEmail))
  return { email: isOwn ? shownEmail : null, username: isTyped(shownUsername) ? shownUsername : typed }
}

function toProfile(shown: Partial<Profile>): Partial<Profile> {
  const text = (value: string | undefined) => sound(value ?? null, LONGEST_TEXT) ?? ''
  return {
    name: text(shown.name),
    firstName: text(shown.firstName),
    lastName: text(shown.lastName),
    phoneNumber: text(shown.phoneNumber),
  }
}

function sound(text: string | null, longest: number): string | null {
  return text !== null && text !== '' && text.length <= longest && isStorable(text) ? text : null
}
