import { calculateJwkThumbprint, compactVerify, exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { KeyStore, Signer, StoredKey, TokenClaims, TokenUse } from '../core/ports.ts'
import { hasLowS, toLowS } from './low-s.ts'
import type { Sealing } from './sealing.ts'
import { createVerdictCache } from './verdict-cache.ts'
import { createVerificationKeys, importKey } from './verification-keys.ts'

const ALGORITHM = 'ES256'
const KEY_CONTEXT = 'signing-key'
/** A longer text cannot be a token of ours. */
const LONGEST_TOKEN = 4096
/** How far the clocks of two processes on one database may be apart, in seconds: NTP holds them within one. */
const LEEWAY = 15

/**
 * Signs and checks JWTs (RFC 7519, RFC 8725) with ES256. The key is made at first start and rests in the database
 * sealed. The algorithm is fixed by the key, keys come from our own store alone, and a token's header may hold nothing
 * but `alg`, `typ` and `kid`. Of everything that a token says there is one spelling: the one we write. It signs with the
 * key that was newest when it was made, and takes what other processes signed with keys that they added since.
 *
 * @throws {Error} one sentence for the operator when the stored key cannot be opened with the secret.
 */
export async function createSigner({
  store,
  sealing,
  issuer,
  now,
}: {
  store: KeyStore
  sealing: Sealing
  issuer: string
  now: () => number
}): Promise<Signer> {
  const stored = await loadKeys(store, sealing, now)
  const [newest] = stored
  if (newest === undefined) throw new Error('The database holds no signing key.')
  const signingKey = await importKey(sealing.open(newest.sealedPrivateJwk, KEY_CONTEXT))
  const verificationKeys = await createVerificationKeys(stored, { load: () => store.listKeys(), now })
  const verdicts = createVerdictCache<TokenClaims>()

  async function readSigned(token: string): Promise<TokenClaims | null> {
    const kid = readKeyId(token)
    const key = kid === null ? null : await verificationKeys.find(kid)
    if (key === null) return null
    try {
      const { payload } = await compactVerify(token, key, { algorithms: [ALGORITHM] })
      return readClaims(readCanonical(Buffer.from(payload)), issuer)
    } catch {
      return null
    }
  }

  /** Only what we signed is remembered: a flood of forgeries pushes nothing out. */
  async function judge(token: string): Promise<TokenClaims | null> {
    const claims = await readSigned(token)
    if (claims !== null) verdicts.set(token, claims)
    return claims
  }

  return {
    async sign(claims) {
      const jwt = new SignJWT({ ...claims, iss: issuer }).setProtectedHeader({
        alg: ALGORITHM,
        kid: newest.kid,
        typ: 'JWT',
      })
      return withLowS(await jwt.sign(signingKey))
    },

    async verify(token, use: TokenUse) {
      if (token.length > LONGEST_TOKEN) return null
      const claims = verdicts.get(token) ?? (await judge(token))
      if (claims === null || claims.token_type !== use) return null
      return claims.iat * 1000 > now() + LEEWAY * 1000 ? null : claims
    },
  }
}

/** Whether the private halves of keys can be opened with the secret of this sealing. */
export function canOpenKeys(keys: readonly StoredKey[], sealing: Sealing): boolean {
  try {
    for (const { sealedPrivateJwk } of keys) sealing.open(sealedPrivateJwk, KEY_CONTEXT)
    return true
  } catch {
    return false
  }
}

async function loadKeys(store: KeyStore, sealing: Sealing, now: () => number): Promise<readonly StoredKey[]> {
  const existing = await store.listKeys()
  return existing.length > 0 ? existing : store.addFirstKey(await makeKey(sealing, now()))
}

async function makeKey(sealing: Sealing, createdAt: number): Promise<StoredKey> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  const publicJwk = await exportJWK(publicKey)
  return {
    kid: await calculateJwkThumbprint(publicJwk),
    algorithm: ALGORITHM,
    publicJwk: JSON.stringify(publicJwk),
    sealedPrivateJwk: sealing.seal(JSON.stringify(await exportJWK(privateKey)), KEY_CONTEXT),
    createdAt,
  }
}

/**
 * The `kid` of a token whose three parts are canonical base64url (RFC 7515, 2) and whose header is exactly one we write;
 * `null` otherwise. Base64url has spare bits at its end: without this, four spellings of one signature would be taken.
 */
function readKeyId(token: string): string | null {
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
    if (alg !== ALGORITHM || typ !== 'JWT' || typeof kid !== 'string' || Object.keys(rest).length > 0) return null
    // Version 0.1.0 wrote `typ` before `kid`, and signed with either s: half of what it gave out would be dead.
    const isOld = Object.keys(read).indexOf('typ') < Object.keys(read).indexOf('kid')
    return isOld || hasLowS(signature) ? kid : null
  } catch {
    return null
  }
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

/** A token whose signature is the one of its two spellings that is taken. */
function withLowS(token: string): string {
  const start = token.lastIndexOf('.') + 1
  const signature = Buffer.from(token.slice(start), 'base64url')
  return token.slice(0, start) + Buffer.from(toLowS(signature)).toString('base64url')
}

/** Whether a claim is a moment, in whole seconds (RFC 7519, 2). */
function isTime(claim: unknown): claim is number {
  return typeof claim === 'number' && Number.isSafeInteger(claim) && claim >= 0
}

function readClaims(payload: unknown, issuer: string): TokenClaims | null {
  if (typeof payload !== 'object' || payload === null) return null
  const { iss, sub, sid, jti, iat, exp, token_type, ...rest } = payload as Record<string, unknown>
  // Never written here: who signed it meant it for others, or for another time.
  if ('aud' in rest || 'nbf' in rest || 'crit' in rest) return null
  if (iss !== issuer || typeof sub !== 'string' || typeof sid !== 'string' || typeof jti !== 'string') return null
  if (!isTime(iat) || !isTime(exp) || exp < iat) return null
  if (token_type !== 'access' && token_type !== 'refresh') return null
  return { sub, sid, jti, iat, exp, token_type }
}
