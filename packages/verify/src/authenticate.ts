import type { Verifier } from './create-verifier.ts'
import type { Identity } from './identity.ts'
import { readToken } from './read-token.ts'
import { TokenError } from './token-error.ts'

/** Who may come in, in every adapter's words. */
export type AuthOptions = {
  /** Lets a request without a token in, as nobody. One with a bad token is still refused. */
  readonly optional?: boolean
  /** Lets staff in alone: Latchkey is asked, whatever kind of token it is. Needs `introspection`. */
  readonly requireStaff?: boolean
  /** Asks Latchkey, whatever kind of token it is, so that a logout is felt at once here. Needs `introspection`. */
  readonly introspect?: boolean
  /** What the challenge calls this back end; `api`. */
  readonly realm?: string
  /** Told why somebody was refused: for a log, above all of `unavailable`. */
  readonly onRefusal?: (error: TokenError) => void
}

/** Why a request goes no further, as it is answered. */
export type Refusal = {
  readonly status: 401 | 403 | 503
  readonly headers: Readonly<Record<string, string>>
  /** A problem document (RFC 9457). */
  readonly body: string
}

/** Whose request it is (`null`: nobody's, where that is allowed), or why it goes no further. */
export type Outcome = { readonly identity: Identity | null } | { readonly refusal: Refusal }

const TITLES = { 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' } as const

/**
 * Makes what judges requests by their `Authorization` header.
 *
 * @throws {TypeError} at start, when it could never ask what it has to ask, or the options contradict each other.
 */
export function createAuthentication(
  verifier: Verifier,
  options: AuthOptions = {},
): (authorization: string | null | undefined) => Promise<Outcome> {
  const { optional = false, requireStaff = false, realm = 'api', onRefusal } = options
  const mustAsk = requireStaff || options.introspect === true
  if (mustAsk && !verifier.canIntrospect) {
    throw new TypeError('requireStaff and introspect ask Latchkey: give createVerifier introspection.')
  }
  // Nobody is no staff: whoever asks for both would have an open door.
  if (optional && requireStaff) {
    throw new TypeError('optional lets requests without a token in, requireStaff staff alone: choose one.')
  }
  if (!/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/.test(realm)) throw new TypeError('realm is plain ASCII without quotes.')

  return async (authorization) => {
    const token = readToken(authorization)
    if (token === null && optional) return { identity: null }
    try {
      const identity = await verifier.verify(token, { introspect: mustAsk })
      return requireStaff && identity.isStaff !== true ? { refusal: forbid(realm) } : { identity }
    } catch (error) {
      if (!(error instanceof TokenError)) throw error
      onRefusal?.(error)
      return { refusal: refuse(error, realm) }
    }
  }
}

function refuse({ code, status, message, retryAfter }: TokenError, realm: string): Refusal {
  if (status === 503) {
    // Why nobody could say is this back end's own business.
    const headers = { 'retry-after': String(retryAfter ?? 1) }
    return write(503, code, 'Whether the token is good cannot be told now.', headers)
  }
  const challenge = code === 'missing_token' ? '' : ', error="invalid_token"'
  return write(401, code, message, { 'www-authenticate': `Bearer realm="${realm}"${challenge}` })
}

function forbid(realm: string): Refusal {
  const headers = { 'www-authenticate': `Bearer realm="${realm}", error="insufficient_scope"` }
  return write(403, 'not_staff', 'This is for staff.', headers)
}

function write(status: Refusal['status'], code: string, detail: string, headers: Refusal['headers']): Refusal {
  const body = JSON.stringify({ type: 'about:blank', title: TITLES[status], status, detail, code })
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    body,
  }
}
