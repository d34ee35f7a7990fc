import { problemOf } from './problem.ts'
import type { WireAnswer } from './wire.ts'

/** Somebody who signs up. Every contract takes of it what its document names. */
export type Person = {
  readonly email: string
  readonly username: string
  readonly name: string
  readonly firstName: string
  readonly lastName: string
  readonly password: string
}

/** A person with names of their own, told apart from others by a word. */
export function makePerson(word: string): Person {
  return {
    email: `${word}@example.com`,
    username: word,
    name: 'Ada Lovelace King',
    firstName: 'Ada',
    lastName: 'Lovelace King',
    password: `Password-1-${word}`,
  }
}

/** A documented path at which one can sign up, and by which names the account can be found afterwards. */
export type RegistrationDoor = {
  readonly contract: string
  readonly path: string
  readonly created: number
  readonly body: (person: Person) => Readonly<Record<string, unknown>>
  readonly gives: { readonly email: boolean; readonly username: boolean }
  /** Whether a member that it does not know is refused, where others read past it. */
  readonly isStrict?: boolean
}

const drfJwtBody: RegistrationDoor['body'] = ({ email, username, name, password }) => ({
  email,
  username,
  name,
  password,
})

/** All of them. Document 004 counts twice: its username may be an email address. The modern door comes last. */
export const REGISTRATIONS: readonly RegistrationDoor[] = [
  {
    contract: 'drf-jwt',
    path: '/registration/',
    created: 201,
    body: drfJwtBody,
    gives: { email: true, username: true },
  },
  {
    contract: 'drf-jwt',
    path: '/user/register/',
    created: 201,
    body: drfJwtBody,
    gives: { email: true, username: true },
  },
  {
    contract: 'drf-token',
    path: '/api/users/registration/',
    created: 201,
    body: ({ firstName, lastName, email, password }) => ({
      first_name: firstName,
      last_name: lastName,
      email,
      password1: password,
      password2: password,
    }),
    gives: { email: true, username: false },
  },
  {
    contract: 'express-jwt',
    path: '/api/auth/register/',
    created: 200,
    body: ({ name, email, password }) => ({ name, email, password }),
    gives: { email: true, username: false },
  },
  {
    contract: 'simplejwt',
    path: '/api/users/register/',
    created: 201,
    body: ({ username, password }) => ({ username, password }),
    gives: { email: false, username: true },
  },
  {
    contract: 'simplejwt',
    path: '/api/users/register/',
    created: 201,
    body: ({ email, password }) => ({ username: email, password }),
    gives: { email: true, username: false },
  },
  {
    contract: 'v1',
    path: '/v1/accounts',
    created: 201,
    body: ({ email, username, firstName, lastName, password }) => ({
      email,
      username,
      first_name: firstName,
      last_name: lastName,
      password,
    }),
    gives: { email: true, username: true },
    isStrict: true,
  },
]

/** A path at which one can sign in. */
export type LoginDoor = {
  readonly contract: string
  readonly path: string
  /** Under which field the name goes. */
  readonly field: 'email' | 'username' | 'identifier'
  /** What it answers when a session was opened. */
  readonly opened: number
  /** Whether a username that is no email address is a name here. */
  readonly takesUsernames: boolean
  /** What it answers to a name and password that do not belong together. */
  readonly failure: { readonly status: number; readonly body: unknown }
}

const DRF_JWT_FAILURE = {
  status: 400,
  body: { non_field_errors: ['A user with this email and password was not found.'] },
}

export const LOGINS: readonly LoginDoor[] = [
  { contract: 'drf-jwt', path: '/login/', field: 'email', opened: 200, takesUsernames: true, failure: DRF_JWT_FAILURE },
  {
    contract: 'drf-jwt',
    path: '/user/login/',
    field: 'username',
    opened: 200,
    takesUsernames: true,
    failure: DRF_JWT_FAILURE,
  },
  {
    contract: 'drf-token',
    path: '/api/users/login/',
    field: 'email',
    opened: 200,
    takesUsernames: false,
    failure: { status: 400, body: { non_field_errors: ['Unable to log in with provided credentials.'] } },
  },
  {
    contract: 'express-jwt',
    path: '/api/auth/login/',
    field: 'email',
    opened: 200,
    takesUsernames: false,
    failure: { status: 400, body: { status: 'fail', errors: { main: { msg: 'user password incorrect' } } } },
  },
  {
    contract: 'simplejwt',
    path: '/api/users/login/',
    field: 'username',
    opened: 200,
    takesUsernames: true,
    failure: { status: 401, body: { detail: 'No active account found with the given credentials' } },
  },
  {
    contract: 'v1',
    path: '/v1/sessions',
    field: 'identifier',
    opened: 201,
    takesUsernames: true,
    failure: {
      status: 400,
      body: problemOf(400, 'invalid_credentials', 'No active account has this name and password.'),
    },
  },
]

/** One login door for each contract: the first of its own. */
export const CONTRACT_LOGINS: readonly LoginDoor[] = LOGINS.filter(
  ({ contract }, index) => LOGINS.findIndex((door) => door.contract === contract) === index,
)

/** A request that signs up. */
export function registrationOf({ path, body }: RegistrationDoor, person: Person) {
  return { method: 'POST', path, json: body(person) }
}

/** A request that signs in by a name. */
export function loginOf({ path, field }: LoginDoor, identifier: string, password: string) {
  return { method: 'POST', path, json: { [field]: identifier, password } }
}

/** The token with which a login's answer lets one make requests. */
export function tokenOf({ json }: Pick<WireAnswer, 'json'>): string {
  const { key, token, access, access_token } = (json ?? {}) as Readonly<Record<string, unknown>>
  const found = [key, token, access, access_token].find((value) => typeof value === 'string')
  if (typeof found !== 'string') throw new Error(`There is no token in ${JSON.stringify(json)}.`)
  return found
}

/** The refresh token of a login's answer, or `null` where the contract has none. */
export function refreshTokenOf({ json }: Pick<WireAnswer, 'json'>): string | null {
  const { refresh, refresh_token } = (json ?? {}) as Readonly<Record<string, unknown>>
  const found = [refresh, refresh_token].find((value) => typeof value === 'string')
  return typeof found === 'string' ? found : null
}
