import type { Renewal } from './renewal.ts'
import type { Tokens } from './tokens.ts'
import type { Fetch, Wire } from './wire.ts'

type Parts = {
  readonly wire: Wire
  readonly scheme: string
  /** Who gets the token, beside Latchkey. */
  readonly origins: readonly string[]
  readonly renewal: Renewal
}

/**
 * Fetches with the token: renewed ahead of its expiry, and once more where it was refused. An origin that was not named
 * gets the request as it is, and so does one that has an `Authorization` of its own.
 */
export function createAuthorizedFetch({ wire, scheme, origins, renewal }: Parts): Fetch {
  const named = new Set([wire.origin, ...origins.map(readOrigin)])
  /** The back ends that refused a token just made, for reasons of their own, and which. */
  const refused = new Map<string, string>()
  const authorize = (request: Request, { access }: Tokens): Request => {
    const headers = new Headers(request.headers)
    headers.set('authorization', `${scheme} ${access}`)
    return new Request(request, { headers })
  }
  return async (request) => {
    const { origin } = new URL(request.url)
    if (!named.has(origin) || request.headers.has('authorization')) return wire.send(request)
    const tokens = await unlessCalledOff(request, renewal.current())
    if (tokens === null) return wire.send(request)
    const response = await wire.send(authorize(request.clone(), tokens))
    if (response.status !== 401 || refused.get(origin) === tokens.access) return response
    const others = await unlessCalledOff(request, renewal.instead(tokens))
    if (others === null) return response
    // Nobody will read it, and it may hold a connection, or have lost it.
    response.body?.cancel().catch(() => {})
    const again = await wire.send(authorize(request, others))
    // Latchkey's own refusals are always taken seriously.
    if (again.status === 401 && origin !== wire.origin) refused.set(origin, others.access)
    return again
  }
}

/** Whoever calls a request off does not wait for a renewal, which goes on for the others. */
function unlessCalledOff<Result>({ signal }: Request, result: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp)
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}

function readOrigin(url: string): string {
  const { origin } = new URL(url)
  if (origin === 'null') throw new TypeError(`${url} has no origin that could be sent a token.`)
  return origin
}
