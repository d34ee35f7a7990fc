import type { Core } from '../core/core.ts'
import type { Access } from '../core/session.ts'
import type { WireRequest } from './contract.ts'
import { header } from './header.ts'
import { TransportError } from './transport-error.ts'

/** The two schemes under which any door takes any live token. */
export type AuthorizationScheme = 'Bearer' | 'Token'

/**
 * Finds out who is asking. Any live token is taken, under `Bearer` or `Token`.
 *
 * @throws {TransportError} `unauthenticated`, `malformed_authorization`.
 * @throws {AuthError} what `Core.checkAccess` throws.
 */
export async function requireAccess(core: Pick<Core, 'checkAccess'>, request: WireRequest): Promise<Access> {
  const token = readToken(request)
  if (token === null) throw new TransportError('unauthenticated')
  return core.checkAccess(token, request.client)
}

/** A token as nearly all clients send it. */
const PLAIN = /^(?:Bearer|Token) ([\x21-\x7e]+)$/

/** Who is asking, where that is known without asking anybody; `null` where `requireAccess` has to find out. */
export function recallAccess(core: Pick<Core, 'recallAccess'>, request: Pick<WireRequest, 'headers'>): Access | null {
  const { authorization } = request.headers
  const token = typeof authorization === 'string' ? PLAIN.exec(authorization)?.[1] : undefined
  return token === undefined ? null : core.recallAccess(token)
}

/**
 * The scheme that a request's `Authorization` names, or `null` for none or one that is not ours. `Token` is taken in
 * any letters, `Bearer` in exactly these, as the two stacks do.
 */
export function readScheme(request: WireRequest): AuthorizationScheme | null {
  return toScheme(split(header(request, 'authorization'))[0])
}

function toScheme(scheme = ''): AuthorizationScheme | null {
  if (scheme === 'Bearer') return 'Bearer'
  return scheme.toLowerCase() === 'token' ? 'Token' : null
}

function readToken(request: WireRequest): string | null {
  const [first, token, ...more] = split(header(request, 'authorization'))
  const scheme = toScheme(first)
  if (scheme === null) return null
  if (token === undefined) throw new TransportError('malformed_authorization', { detail: 'no_token' })
  const isAscii = /^[\x21-\x7e]+$/.test(token)
  if (more.length === 0 && isAscii) return token
  const reason = more.length > 0 ? 'too_many_parts' : 'invalid_characters'
  throw new TransportError('malformed_authorization', { detail: reason })
}

function split(value: string | undefined): string[] {
  return value?.trim().split(/\s+/) ?? []
}
