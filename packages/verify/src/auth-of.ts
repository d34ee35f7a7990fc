import type { Identity } from './identity.ts'
import { isObject } from './is-object.ts'

/**
 * Whose request it is, behind `requireAuth`.
 *
 * @throws {Error} on a route that nothing guards, or that lets nobody in: a mistake in the program.
 */
export function authOf(request: object): Identity {
  const auth: unknown = 'auth' in request ? request.auth : null
  if (isIdentity(auth)) return auth
  throw new Error('This request is nobody’s: is requireAuth in front of its route, and not optional?')
}

function isIdentity(auth: unknown): auth is Identity {
  return isObject(auth) && typeof auth.subject === 'string' && typeof auth.sessionId === 'string'
}
