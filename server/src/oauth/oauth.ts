import type { Core } from '../core/core.ts'
import type { Contract } from '../http/contract.ts'
import { errors } from './errors.ts'
import { introspection } from './introspection.ts'
import { jwks } from './jwks.ts'
import { metadata } from './metadata.ts'
import { revocation } from './revocation.ts'

/** What the standards' door says of the server. */
export type OauthOptions = {
  /** The `iss` of every token. */
  readonly issuer: string
  /** The origin at which clients reach the server, from the settings and never from a request. */
  readonly publicUrl: string
}

/**
 * The standards' door, for the team's own services: introspection (RFC 7662), revocation (RFC 7009) and what other
 * servers' software looks up (RFC 8414). No token is given out here.
 */
export function oauth(core: Core, options: OauthOptions): Contract {
  return {
    name: 'oauth',
    hasOwnPlace: false,
    isCaseSensitive: true,
    prefixes: [],
    errors,
    paths: [introspection(core, options), revocation(core), metadata(options), jwks(core)],
  }
}
