import {
  base64url,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
  type ProtectedHeaderParameters,
} from 'jose'
import { type Identity, readIdentity } from './identity.ts'
import type { KeySet } from './key-set.ts'
import type { Settings } from './options.ts'
import { TokenError } from './token-error.ts'

type JwtSettings = Pick<Settings, 'issuer' | 'audience' | 'algorithms' | 'leewaySeconds' | 'now'>

/** The types of Latchkey's tokens: what its documents have, and RFC 9068. */
const TYPES: readonly unknown[] = ['JWT', 'at+jwt']

/**
 * The header of a text that is a signed token in form, whoever signed it; `null` for any other. Of the spellings that
 * its bytes have in base64url, the one without spare bits is a token's: a token has one text, for whoever lists texts.
 */
export function readHeader(token: string): ProtectedHeaderParameters | null {
  const parts = token.split('.')
  try {
    const isToken = parts.length === 3 && parts.every((part) => base64url.encode(base64url.decode(part)) === part)
    return isToken ? decodeProtectedHeader(token) : null
  } catch {
    return null
  }
}

/**
 * Checks a signed access token by the issuer's public keys alone: nobody is asked about it.
 *
 * @throws {TokenError} any code but `missing_token` and `inactive`.
 */
export async function verifyJwt(
  { settings, keys }: { settings: JwtSettings; keys: KeySet },
  token: string,
  header: ProtectedHeaderParameters,
): Promise<Identity> {
  const { alg, kid, typ } = header
  const { algorithms } = settings
  if (!TYPES.includes(typ)) throw malformed(`Its type is ${JSON.stringify(typ)}: it is no access token of Latchkey's.`)
  // Before any key is looked for: what is never taken causes no request.
  if (!algorithms.some((algorithm) => algorithm === alg)) {
    throw new TokenError('invalid_signature', `It is not signed with ${algorithms.join(', ')}.`)
  }
  if (typeof alg !== 'string' || typeof kid !== 'string' || kid === '') {
    throw new TokenError('unknown_key', 'It names no key.')
  }
  const key = await keys.find({ alg, kid })
  return readAccess(await readClaims({ settings, token, key }))
}

async function readClaims({
  settings: { issuer, audience, algorithms, leewaySeconds, now },
  token,
  key,
}: {
  settings: JwtSettings
  token: string
  key: Awaited<ReturnType<KeySet['find']>>
}): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [...algorithms],
      issuer,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: leewaySeconds,
      currentDate: new Date(now()),
      ...(audience === null ? {} : { audience }),
    })
    return payload
  } catch (error) {
    throw toTokenError(error)
  }
}

/** @throws {TokenError} `not_an_access_token`, `malformed_token`. */
function readAccess(claims: JWTPayload): Identity {
  if (claims.token_type !== 'access') {
    throw new TokenError('not_an_access_token', `It is a token for ${JSON.stringify(claims.token_type)}.`)
  }
  const identity = readIdentity(claims)
  if (identity === null) throw malformed('It does not say whose it is.')
  return identity
}

function toTokenError(cause: unknown): TokenError {
  if (cause instanceof errors.JWTExpired) return new TokenError('expired', 'It has expired.', { cause })
  if (cause instanceof errors.JWTClaimValidationFailed) {
    if (cause.claim === 'iss') return new TokenError('wrong_issuer', 'Somebody else issued it.', { cause })
    if (cause.claim === 'aud') return new TokenError('wrong_audience', 'It is meant for somebody else.', { cause })
    return malformed(`Its ${cause.claim} is not right.`, cause)
  }
  if (cause instanceof errors.JWSSignatureVerificationFailed) {
    return new TokenError('invalid_signature', 'Its signature is not right.', { cause })
  }
  return malformed('It is no token of Latchkey’s.', cause)
}

function malformed(message: string, cause?: unknown): TokenError {
  return new TokenError('malformed_token', message, cause === undefined ? {} : { cause })
}
