import type { Core } from '../core/core.ts'
import type { PublicKey } from '../core/ports.ts'
import { replyCacheable } from '../http/cacheable.ts'
import type { Path } from '../http/contract.ts'
import { TransportError } from '../http/transport-error.ts'

/** How long anybody may keep the keys, in seconds: the next one is published for twice that long before it signs. */
const MAX_AGE = 300

/** The members of a JWK that say what the public half is (RFC 7518, 6.2.1 and 6.3.1; RFC 8037, 2). */
const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e']

/** `GET /.well-known/jwks.json` (RFC 7517, 5): the public halves of the keys whose tokens are good, or will be. */
export function jwks(core: Core): Path {
  return {
    path: '/.well-known/jwks.json',
    methods: ['GET', 'HEAD'],
    async answer(request) {
      if (request.method !== 'GET' && request.method !== 'HEAD') throw new TransportError('method_not_allowed')
      const keys = await core.listPublicKeys()
      return replyCacheable(request, { keys: keys.map(writeKey) }, { maxAge: MAX_AGE })
    },
  }
}

/** Names what goes out, so that nothing else can: a private half has members of its own. */
function writeKey({ kid, algorithm, publicJwk }: PublicKey): Readonly<Record<string, unknown>> {
  const jwk: Readonly<Record<string, unknown>> = JSON.parse(publicJwk)
  const members = PUBLIC_MEMBERS.filter((name) => jwk[name] !== undefined).map((name) => [name, jwk[name]])
  return { kid, use: 'sig', alg: algorithm, ...Object.fromEntries(members) }
}
