import { replyCacheable } from '../http/cacheable.ts'
import type { Path } from '../http/contract.ts'
import { TransportError } from '../http/transport-error.ts'

const AUTH_METHODS = ['client_secret_basic', 'client_secret_post']
/** How long anybody may keep it, in seconds. */
const MAX_AGE = 300

/** `GET /.well-known/oauth-authorization-server` (RFC 8414): where the endpoints are that there are, and no others. */
export function metadata(options: { issuer: string; publicUrl: string }): Path {
  const body = writeMetadata(options)
  return {
    path: '/.well-known/oauth-authorization-server',
    methods: ['GET', 'HEAD'],
    async answer(request) {
      if (request.method !== 'GET' && request.method !== 'HEAD') throw new TransportError('method_not_allowed')
      return replyCacheable(request, body, { maxAge: MAX_AGE })
    },
  }
}

/**
 * What there is to say. The standard wants empty lists left out, and takes `grant_types_supported` for two grants where
 * it is not there: no grants are said to be no grants.
 */
function writeMetadata({ issuer, publicUrl }: { issuer: string; publicUrl: string }) {
  return {
    issuer,
    jwks_uri: `${publicUrl}/.well-known/jwks.json`,
    response_types_supported: [],
    grant_types_supported: [],
    introspection_endpoint: `${publicUrl}/v1/introspect`,
    introspection_endpoint_auth_methods_supported: AUTH_METHODS,
    revocation_endpoint: `${publicUrl}/v1/revoke`,
    revocation_endpoint_auth_methods_supported: AUTH_METHODS,
  }
}
