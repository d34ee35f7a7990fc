import { createDiscovery } from './discover.ts'
import type { Identity } from './identity.ts'
import { createIntrospection } from './introspection.ts'
import { createKeySet } from './key-set.ts'
import { readOptions, type VerifierOptions } from './options.ts'
import { TokenError } from './token-error.ts'
import { readHeader, verifyJwt } from './verify-jwt.ts'

/** Tells whose tokens are good. */
export type Verifier = {
  /**
   * Whose live access token this is.
   *
   * @throws {TokenError} with a code that tells a bad token (401) from nobody being able to say (503).
   */
  verify(token: string | null | undefined, options?: VerifyOptions): Promise<Identity>
  /** Whether Latchkey can be asked about tokens: whether `introspection` was given. */
  readonly canIntrospect: boolean
}

/** How one token is checked. */
export type VerifyOptions = {
  /** Asks Latchkey whatever kind of token it is: its answer knows of logouts, and of what the account may do now. */
  readonly introspect?: boolean
}

/** A longer text is no token of Latchkey's. */
const LONGEST_TOKEN = 4096
/** An opaque key, as the contract of document 002 has it. */
const KEY = /^[0-9a-f]{40}$/

/**
 * Makes a verifier for the tokens of one Latchkey: signed ones are checked here by its public keys, opaque ones by
 * asking it. One verifier is enough for a process; it sends nothing before the first token comes.
 *
 * @throws {TypeError} when the options cannot be meant.
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const settings = readOptions(options)
  const { jwksUri, introspection } = settings
  const discover = createDiscovery(settings)
  const keys = createKeySet(settings, async () => jwksUri ?? (await discover()).jwksUri)
  const ask =
    introspection === null
      ? null
      : createIntrospection(
          settings,
          introspection,
          async () => introspection.url ?? (await discover()).introspectionUrl,
        )
  const asksAlways = introspection?.when === 'always'

  return {
    canIntrospect: ask !== null,
    async verify(token, { introspect: mustAsk = false } = {}) {
      if (token === null || token === undefined || token === '') {
        throw new TokenError('missing_token', 'There is no token.')
      }
      if (token.length > LONGEST_TOKEN) throw new TokenError('malformed_token', 'It is too long.')
      if (mustAsk && ask === null) throw new TypeError('To ask Latchkey, give createVerifier introspection.')
      const header = readHeader(token)
      // Only the server has the secret of an HS256 token, as it alone has the row of a key.
      const isOpaque = KEY.test(token) || header?.alg === 'HS256'
      if (isOpaque || (header !== null && (mustAsk || asksAlways))) {
        if (ask !== null) return ask(token)
        throw new TokenError('malformed_token', 'Only Latchkey can judge it: give createVerifier introspection.')
      }
      if (header === null) throw new TokenError('malformed_token', 'It is neither a signed token nor a key.')
      return verifyJwt({ settings, keys }, token, header)
    },
  }
}
