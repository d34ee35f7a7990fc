import { readLegacyId } from '../core/legacy-id.ts'
import type { TokenUse } from '../core/ports.ts'

/** What stands for an id where a source had none: no token of its own names an account so, but a username may. */
const STAND_IN = /^(email|username):/

type Claims = Readonly<Record<string, unknown>>

/** Where the usual back end behind a contract writes whose a token is. */
const ID_CLAIMS: Readonly<Record<string, readonly string[]>> = {
  simplejwt: ['user_id'],
  'drf-jwt': ['id', 'user_id'],
  'express-jwt': ['id', '_id', 'userId', 'user_id', 'sub', 'user.id', 'user._id'],
}
/** Where a back end may write what a token is for, besides signing in: resetting a password, proving an address. */
const USE_CLAIMS = ['token_type', 'tokenType', 'token_use', 'type', 'typ', 'use', 'purpose', 'action']

/**
 * Whose a token is, in the words of the back end that made it; `null` where it does not say, or says two things.
 *
 * @param path the claim that says it, or `null` for those that are usual for the contract.
 */
export function findLegacyId(claims: Claims, contract: string, path: string | null): string | null {
  const paths = path === null ? (ID_CLAIMS[contract] ?? []) : [path]
  const ids = new Set(paths.map((each) => readPath(claims, each)).filter((value) => value !== undefined))
  const [value] = ids
  const id = ids.size === 1 ? readLegacyId(value) : null
  return id === null || STAND_IN.test(id) ? null : id
}

/** Whether a token was made for this use. One of a pair must say so; any other must not say that it is for something else. */
export function isForUse(claims: Claims, contract: string, use: TokenUse): boolean {
  if (contract === 'simplejwt') return claims.token_type === use
  return use === 'access' && USE_CLAIMS.every((name) => !Object.hasOwn(claims, name) || claims[name] === 'access')
}

/** A claim, or one of an object that is a claim. */
function readPath(claims: Claims, path: string): unknown {
  const [outer = '', inner] = path.split('.')
  const value = Object.hasOwn(claims, outer) ? claims[outer] : undefined
  if (inner === undefined) return value
  return typeof value === 'object' && value !== null && Object.hasOwn(value, inner)
    ? Object.entries(value).find(([name]) => name === inner)?.[1]
    : undefined
}
