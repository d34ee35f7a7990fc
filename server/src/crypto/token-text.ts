import type { TokenClaims } from '../core/ports.ts'
import { hasLowS } from './low-s.ts'

/** What a token's header says. Only an HS256 one has no `kid`. */
export type TokenHeader = {
  readonly alg: string
  readonly typ: 'JWT' | 'at+jwt'
  readonly kid: string | null
}

/** Whose tokens are taken, and for whom they have to be. */
export type TokenPlace = {
  readonly issuer: string
  /** The `aud` that every token gets; `null` where only those get one that must have it. */
  readonly audience: string | null
}

/**
 * The header of a token whose three parts are canonical base64url (RFC 7515, 2) and whose header is exactly one we write;
 * `null` otherwise. Base64url has spare bits at its end: without this, four spellings of one signature would be taken.
 */
export function readHeader(token: string): TokenHeader | null {
  const parts = token.split('.')
  if (parts.length !== 3) return null
  const decoded = parts.map((part) => Buffer.from(part, 'base64url'))
  if (decoded.some((bytes, index) => bytes.toString('base64url') !== parts[index])) return null
  const [header, , signature] = decoded
  if (header === undefined || signature === undefined) return null
  try {
    const read = readCanonical(header)
    if (typeof read !== 'object' || read === null) return null
    const { alg, typ, kid, ...rest } = read as Record<string, unknown>
    if (typeof alg !== 'string' || (typ !== 'JWT' && typ !== 'at+jwt') || Object.keys(rest).length > 0) return null
    if (alg === 'HS256') return typ === 'JWT' && !('kid' in read) ? { alg, typ, kid: null } : null
    if (typeof kid !== 'string') return null
    if (alg !== 'ES256') return { alg, typ, kid }
    // Version 0.1.0 wrote `typ` before `kid`, and signed with either s: half of what it gave out would be dead.
    const isOld = typ === 'JWT' && Object.keys(read).indexOf('typ') < Object.keys(read).indexOf('kid')
    return isOld || hasLowS(signature) ? { alg, typ, kid } : null
  } catch {
    return null
  }
}

/** The claims of a token that we signed, if they are ones we write; `null` otherwise. */
export function readClaims(
  payload: Uint8Array,
  { typ }: Pick<TokenHeader, 'typ'>,
  place: TokenPlace,
): TokenClaims | null {
  const read = readCanonical(Buffer.from(payload))
  if (typeof read !== 'object' || read === null) return null
  const { iss, aud, sub, sid, jti, iat, exp, token_type, client_id, ...rest } = read as Record<string, unknown>
  // Never written here: who signed it meant it for another time.
  if ('nbf' in rest || 'crit' in rest) return null
  if (iss !== place.issuer || typeof sub !== 'string' || typeof sid !== 'string' || typeof jti !== 'string') return null
  if (!isTime(iat) || !isTime(exp) || exp < iat) return null
  if (token_type !== 'access' && token_type !== 'refresh') return null
  const claims = { sub, sid, jti, iat, exp, token_type } as const
  if (typ === 'at+jwt') {
    if (token_type !== 'access' || typeof client_id !== 'string') return null
    // Such a token has to say whom it is for: it may be from before the audience was set.
    return aud === place.issuer || (typeof aud === 'string' && aud === place.audience) ? { ...claims, aud } : null
  }
  if (!('aud' in read)) return claims
  return typeof aud === 'string' && aud === place.audience ? { ...claims, aud } : null
}

/**
 * Reads JSON that is spelt as we spell it: without spaces, escapes or repeated names that another reader might take in
 * another way.
 *
 * @throws {Error} when it is spelt in any other way, or no JSON.
 */
function readCanonical(bytes: Buffer): unknown {
  const text = bytes.toString('utf8')
  const value: unknown = JSON.parse(text)
  if (JSON.stringify(value) !== text) throw new Error('This is JSON, but not as it is written here.')
  return value
}

/** Whether a claim is a moment, in whole seconds (RFC 7519, 2). */
function isTime(claim: unknown): claim is number {
  return typeof claim === 'number' && Number.isSafeInteger(claim) && claim >= 0
}
