import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { nameLegacyToken } from '../core/legacy-session.ts'
import type { LegacyToken, LegacyTokens, TokenUse } from '../core/ports.ts'
import { findLegacyId, isForUse } from './legacy-claims.ts'

/** A longer text is taken for no token, as with our own. */
const LONGEST_TOKEN = 4096
/** How far the clock of the back end before may have been ahead, in milliseconds. */
const LEEWAY = 15_000
/** A token of django-rest-knox, in exactly the letters in which it was issued. */
const KNOX = /^[0-9a-f]{64}$/
const HASHES = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const

/** Which tokens of back ends before are taken: without a secret and a cut-over none but those that are opaque. */
export type LegacyTokenRules = {
  /** What their tokens are signed with, by contract; where two are the same, the first contract that fits has the token. */
  readonly secrets?: readonly { readonly contract: string; readonly secret: string }[]
  readonly algorithm?: keyof typeof HASHES
  /** When the last was given out, in milliseconds since 1970; without it none is taken. */
  readonly cutover?: number | null
  /** How long the longest of them lives, in milliseconds. */
  readonly longestLife?: number
  /** The claim that says whose a token is: `user_id`, or `user.id`; `null` for the contract's usual ones. */
  readonly idClaim?: string | null
  readonly issuer?: string | null
  readonly audience?: string | null
  /** What tokens of django-rest-knox begin with, besides those that begin with nothing. */
  readonly knoxPrefix?: string | null
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/**
 * Reads tokens of back ends before: HMAC with their secrets in one algorithm, no header but `alg` and `typ`, base64url in
 * its one spelling, an end that is not too far, given out before the cut-over, and none that we made ourselves.
 */
export function createLegacyTokens({
  secrets = [],
  algorithm = 'HS256',
  cutover = null,
  longestLife = 0,
  idClaim = null,
  issuer = null,
  audience = null,
  knoxPrefix = null,
  now,
}: LegacyTokenRules): LegacyTokens {
  const keys = secrets.map(({ contract, secret }) => ({ contract, key: Buffer.from(secret, 'utf8') }))
  const prefixed = knoxPrefix === null ? null : new RegExp(`^${RegExp.escape(knoxPrefix)}[0-9a-f]{64}$`)

  /** The contracts whose secret signed a token. */
  function findSigners(token: string): readonly string[] {
    const end = token.lastIndexOf('.')
    const signature = Buffer.from(token.slice(end + 1), 'base64url')
    const text = token.slice(0, end)
    return keys
      .filter(({ key }) => {
        const made = createHmac(HASHES[algorithm], key).update(text).digest()
        return made.length === signature.length && timingSafeEqual(made, signature)
      })
      .map(({ contract }) => contract)
  }

  /** Where the back end before did not say when, the cut-over is the latest that it can have been. */
  function readTimes({ exp, iat, nbf }: Claims, cutover: number): { issuedAt: number; expiresAt: number } | null {
    const latest = Math.min(cutover, now() + LEEWAY)
    const issuedAt = iat === undefined ? Math.min(cutover, now()) : toTime(iat)
    const expiresAt = toTime(exp)
    if (issuedAt === null || expiresAt === null || issuedAt > latest || expiresAt > cutover + longestLife) return null
    if (expiresAt <= issuedAt && iat !== undefined) return null
    if (iat !== undefined && expiresAt - issuedAt > longestLife) return null
    if (nbf !== undefined && (toTime(nbf) ?? Number.POSITIVE_INFINITY) > now() + LEEWAY) return null
    return { issuedAt, expiresAt }
  }

  function isMeantForUs({ iss, aud }: Claims): boolean {
    if (iss !== (issuer ?? undefined)) return false
    return audience === null ? aud === undefined : aud === audience || (Array.isArray(aud) && aud.includes(audience))
  }

  function readFor(contract: string, token: string, claims: Claims, use: TokenUse): LegacyToken | null {
    const legacyId = findLegacyId(claims, contract, idClaim)
    const times = cutover === null ? null : readTimes(claims, cutover)
    if (legacyId === null || times === null || !isForUse(claims, contract, use)) return null
    const id = typeof claims.jti === 'string' ? claims.jti : null
    // SimpleJWT's own tables know a token by its `jti`. Elsewhere nobody promises that there are not two of the same.
    const name = contract === 'simplejwt' && id !== null ? nameLegacyToken({ contract, use, legacyId, id }) : token
    return { contract, use, legacyId, id, digest: hash('sha256', name, 'hex'), ...times }
  }

  return {
    read(token, use) {
      if (cutover === null || keys.length === 0 || token.length > LONGEST_TOKEN) return null
      const parts = token.split('.')
      if (parts.length !== 3 || !isHeader(parts[0] ?? '', algorithm) || !parts.every(isCanonical)) return null
      const signers = findSigners(token)
      if (signers.length === 0) return null
      const claims = readObject(parts[1] ?? '')
      // A token of ours has a session: once that is over, nothing may bring the token back, whoever shares its secret.
      if (claims === null || 'sid' in claims || !isMeantForUs(claims)) return null
      for (const contract of signers) {
        const read = readFor(contract, token, claims, use)
        if (read !== null) return read
      }
      return null
    },

    digestOpaque(token) {
      if (prefixed?.test(token) === true) return [hash('sha512', token, 'hex')]
      // Version 5 of django-rest-knox digests the text, those before it the bytes that it stands for.
      if (!KNOX.test(token)) return null
      return [hash('sha512', token, 'hex'), hash('sha512', Buffer.from(token, 'hex'), 'hex')]
    },
  }
}

type Claims = Readonly<Record<string, unknown>>

function isHeader(part: string, algorithm: string): boolean {
  const header = readObject(part)
  if (header === null) return false
  const { alg, typ, ...rest } = header
  return alg === algorithm && (typ === undefined || typ === 'JWT') && Object.keys(rest).length === 0
}

/** Base64url has spare bits at its end, and what reads it passes over what does not belong: one spelling is the token. */
function isCanonical(part: string): boolean {
  return part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part
}

function readObject(part: string): Claims | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
  } catch {
    return null
  }
}

/** Seconds as such tokens have them, some with a fraction, in whole milliseconds. */
function toTime(claim: unknown): number | null {
  if (typeof claim !== 'number' || !(claim > 0) || claim > 1e11) return null
  return Math.floor(claim * 1000)
}
