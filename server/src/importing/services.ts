import { isObject, type JsonObject, own } from './read-object.ts'

/** A user as Firebase's `auth:export` writes it. Its hash is not whole without the parameters of its project. */
export function fromFirebase(user: JsonObject): JsonObject {
  return {
    id: own(user, 'localId'),
    email: own(user, 'email'),
    email_verified: own(user, 'emailVerified'),
    name: own(user, 'displayName'),
    phone_number: own(user, 'phoneNumber'),
    password: own(user, 'passwordHash') ?? null,
    salt: own(user, 'salt'),
    is_active: own(user, 'disabled') !== true,
    date_joined: readMilliseconds(own(user, 'createdAt')),
    last_login: readMilliseconds(own(user, 'lastSignedInAt')),
  }
}

/** A user as Keycloak's realm export has it, with the newest of its passwords. */
export function fromKeycloak(user: JsonObject): JsonObject {
  const credentials = own(user, 'credentials')
  const passwords = (Array.isArray(credentials) ? credentials : []).filter(
    (credential) => isObject(credential) && own(credential, 'type') === 'password',
  )
  const newest = passwords.reduce<JsonObject | null>(
    (best, credential) => (best === null || timeOf(credential) > timeOf(best) ? credential : best),
    null,
  )
  return {
    id: own(user, 'id'),
    email: own(user, 'email'),
    username: own(user, 'username'),
    email_verified: own(user, 'emailVerified'),
    first_name: own(user, 'firstName'),
    last_name: own(user, 'lastName'),
    password: newest,
    is_active: own(user, 'enabled') !== false,
    groups: own(user, 'groups'),
    date_joined: readMilliseconds(own(user, 'createdTimestamp')),
  }
}

/** A user as Auth0 exports it: a hash of bcrypt, or what somebody had imported there. */
export function fromAuth0(user: JsonObject): JsonObject {
  const custom = own(user, 'custom_password_hash')
  return {
    id: own(user, 'user_id') ?? own(user, '_id'),
    email: own(user, 'email'),
    username: own(user, 'username'),
    email_verified: own(user, 'email_verified'),
    name: own(user, 'name'),
    first_name: own(user, 'given_name'),
    last_name: own(user, 'family_name'),
    phone_number: own(user, 'phone_number'),
    password: custom ?? own(user, 'passwordHash') ?? null,
    is_active: own(user, 'blocked') !== true,
    date_joined: own(user, 'created_at'),
    last_login: own(user, 'last_login'),
  }
}

function timeOf(credential: JsonObject): number {
  const time = own(credential, 'createdDate')
  return typeof time === 'number' ? time : 0
}

/** Some write the number as text. */
function readMilliseconds(value: unknown): unknown {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Math.abs(number) <= 8.64e15 ? new Date(number).toISOString() : value
}
