import { readLegacyId } from '../core/legacy-id.ts'
import type { ShownAccount, TypedLogin } from '../core/ports.ts'

/** How a server of the back end before is asked for a login in a contract, and how its answer is read. */
export type LegacyLogin = {
  /** Where the contract's document has the login. */
  readonly path: string
  /** The fields of the JSON that is sent. */
  write(login: TypedLogin): Readonly<Record<string, string>>
  /**
   * What the answer means: `null` where it is none that such a server gives, `wrong_password` where its document tells that
   * somebody has the name.
   */
  read(answer: LegacyReply, login: TypedLogin): ShownAccount | 'refused' | 'wrong_password' | null
}

/** An answer, its JSON read but not looked at. */
export type LegacyReply = { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

/** What back ends call the parts of an account: the first that is there counts. */
const NAMES = {
  legacyId: ['user_id', 'userId', 'id', 'pk', '_id'],
  email: ['email'],
  username: ['username'],
  name: ['name', 'full_name', 'fullName'],
  firstName: ['first_name', 'firstName'],
  lastName: ['last_name', 'lastName'],
  phoneNumber: ['phone_number', 'phoneNumber', 'phone'],
} as const

/**
 * Gathers what an answer shows of an account: what it says itself, its `user` where it has one, and what its token says.
 * The token is not checked: it comes from the server that was asked, and nothing but an id and a profile is read from it.
 */
export function readShown(body: LegacyReply['body'], token: unknown): ShownAccount {
  const claims = readClaims(token)
  const places = [body.user, body.data, body, claims.user, claims].filter(isRecord)
  const text = (names: readonly string[]) => find(places, names).find(isFilledText) ?? null
  // Beside a token's own claims `user` may be a name, which its owner could have chosen to look like somebody's id.
  const ids = [...find(places, NAMES.legacyId), ...find([claims], ['user', 'sub'])]
  return {
    legacyId: ids.map(readLegacyId).find((id) => id !== null) ?? null,
    email: text(NAMES.email),
    username: text(NAMES.username),
    profile: {
      name: text(NAMES.name) ?? '',
      firstName: text(NAMES.firstName) ?? '',
      lastName: text(NAMES.lastName) ?? '',
      phoneNumber: text(NAMES.phoneNumber) ?? '',
    },
  }
}

function find(places: readonly Readonly<Record<string, unknown>>[], names: readonly string[]): readonly unknown[] {
  return names.flatMap((name) => places.map((place) => (Object.hasOwn(place, name) ? place[name] : undefined)))
}

/** Whether it says yes. */
export function isSuccess({ status }: LegacyReply): boolean {
  return status >= 200 && status < 300
}

/** Whether a part of an answer is a text with something in it. */
export function isFilledText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Whether a part of an answer has parts itself. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a JWT says; nothing where it is none. */
function readClaims(token: unknown): Readonly<Record<string, unknown>> {
  const payload = typeof token === 'string' ? token.split('.')[1] : undefined
  if (payload === undefined) return {}
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return isRecord(claims) ? claims : {}
  } catch {
    return {}
  }
}
