import { type CryptoKey, compactVerify, SignJWT } from 'jose'
import type { KeyStore, Signer, StoredKey, TokenClaims } from '../core/ports.ts'
import { findGoodKeys, findSigningKey, type SigningAlgorithm } from '../core/signing-key.ts'
import { createKeyring, type HeldKey, type Keys } from './keyring.ts'
import { toLowS } from './low-s.ts'
import { createKeyMaker, openPrivateKey } from './make-key.ts'
import type { Sealing } from './sealing.ts'
import { createSharedSecrets } from './shared-secrets.ts'
import { readClaims, readHeader, type TokenHeader } from './token-text.ts'
import { createVerdictCache } from './verdict-cache.ts'

/** A longer text cannot be a token of ours. */
const LONGEST_TOKEN = 4096
/** How far the clocks of two processes on one database may be apart, in seconds: NTP holds them within one. */
const LEEWAY = 15

/** What a signature proved, for as long as the key that made it is good: `kid`, or secrets of these contracts. */
type Verdict = { readonly claims: TokenClaims } & (
  | { readonly kid: string; readonly contracts: null }
  | { readonly kid: null; readonly contracts: readonly string[] }
)

/** What a signer is made of. */
export type SignerOptions = {
  readonly store: Pick<KeyStore, 'addFirstKey' | 'listKeys' | 'noteLifetime'>
  readonly sealing: Sealing
  readonly issuer: string
  /** The `aud` of every token; without one, only those that must have one get the issuer's name. */
  readonly audience?: string | null
  /** What the first key of a database is for. */
  readonly algorithm?: SigningAlgorithm
  /** Secrets of contracts whose tokens are signed HS256, by slug. */
  readonly secrets?: Readonly<Record<string, string>>
  /** How long the longest token is set to live, in seconds. */
  readonly longestLifetime?: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A clock that never goes back, in milliseconds. */
  readonly elapsed?: () => number
}

/**
 * Signs and checks JWTs (RFC 7519, RFC 8725). The first key is made at first start, and all rest in the database sealed.
 * The algorithm is fixed by the key, keys come from our own store alone, and a token's header may hold nothing but `alg`,
 * `typ` and `kid`. Of everything that a token says there is one spelling: the one we write. What other processes do with
 * the keys is known here within a second.
 *
 * @throws {Error} one sentence for the operator when the stored key cannot be opened with the secret.
 */
export async function createSigner({
  store,
  sealing,
  issuer,
  audience = null,
  algorithm = 'ES256',
  secrets = {},
  longestLifetime = 0,
  now,
  elapsed = () => performance.now(),
}: SignerOptions): Promise<Signer> {
  await ensureKey()
  const keyring = await createKeyring({ load: () => store.listKeys(), elapsed })
  const shared = createSharedSecrets(secrets)
  const verdicts = createVerdictCache<Verdict>()
  const privateKeys = new Map<string, Promise<CryptoKey>>()
  const lifetimes = new Map<string, { seconds: number; noted: Promise<void> }>()
  await prepareKeys(await keyring.current())

  async function ensureKey(): Promise<void> {
    if ((await store.listKeys()).length > 0) return
    const time = now()
    await store.addFirstKey(await createKeyMaker({ sealing, algorithm }).make({ createdAt: time, activeFrom: time }))
  }

  /** With the wrong secret nothing starts; and what the signing key has signed by earlier settings is known to be so long. */
  async function prepareKeys({ all }: Keys): Promise<void> {
    if (all.length === 0) throw new Error('The database holds no signing key.')
    for (const key of all) if (key.revokedAt === null && key.retiredAt === null) await openKey(key)
    const signing = findSigningKey(all, now())
    if (signing !== null) await noteLifetime(signing, longestLifetime)
  }

  function openKey(stored: StoredKey): Promise<CryptoKey> {
    const opened = privateKeys.get(stored.kid) ?? openPrivateKey(stored, sealing)
    privateKeys.set(stored.kid, opened)
    return opened
  }

  /** A token is given out only when its key is known to live as long. */
  async function noteLifetime({ kid, longestLifetime: stored }: StoredKey, seconds: number): Promise<void> {
    if (seconds <= stored) return
    let last = lifetimes.get(kid)
    if (last === undefined || last.seconds < seconds) {
      last = { seconds, noted: store.noteLifetime(kid, seconds) }
      lifetimes.set(kid, last)
      last.noted.catch(() => lifetimes.delete(kid))
    }
    await last.noted
  }

  async function chooseKey(): Promise<HeldKey> {
    const { all, held } = await keyring.current()
    const key = held.get(findSigningKey(all, now())?.kid ?? '')
    if (key === undefined) throw new Error('The database holds no key that may sign.')
    return key
  }

  /** A token that a shared secret signed. */
  function readShared(token: string, header: TokenHeader): Verdict | null {
    const contracts = shared.findSigners(token)
    if (contracts.length === 0) return null
    try {
      const claims = readClaims(Buffer.from(token.split('.')[1] ?? '', 'base64url'), header, { issuer, audience })
      return claims === null ? null : { claims, kid: null, contracts }
    } catch {
      return null
    }
  }

  async function readSigned(token: string): Promise<Verdict | null> {
    const header = readHeader(token)
    if (header === null) return null
    const { alg, kid } = header
    if (kid === null) return readShared(token, header)
    const key = await keyring.find(kid)
    if (key === null || key.algorithm !== alg) return null
    try {
      const { payload } = await compactVerify(token, key.publicKey, { algorithms: [key.algorithm] })
      const claims = readClaims(payload, header, { issuer, audience })
      return claims === null ? null : { claims, kid, contracts: null }
    } catch {
      return null
    }
  }

  /** Only what we signed is remembered: a flood of forgeries pushes nothing out. */
  async function judge(token: string): Promise<Verdict | null> {
    const verdict = await readSigned(token)
    if (verdict !== null) verdicts.set(token, verdict)
    return verdict
  }

  /** When it was read that this key is good; `null` when it is not. A signature stays good, but its key may be revoked. */
  async function findReadAt(kid: string): Promise<number | null> {
    const { held, readAt } = await keyring.current()
    const key = held.get(kid)
    return key !== undefined && findGoodKeys([key.stored], now()).length > 0 ? readAt : null
  }

  return {
    async sign(claims, { contract, profile }) {
      // Also where the session is refreshed at a door with another form: whoever shares the secret reads `plain` alone.
      const isForm = profile === 'rfc9068' && !shared.has(contract)
      const aud = audience ?? (isForm ? issuer : null)
      const full = { ...claims, iss: issuer, ...(aud === null ? {} : { aud }) }
      if (shared.has(contract)) return shared.sign(full, contract)
      const { stored, algorithm: alg } = await chooseKey()
      await noteLifetime(stored, Math.max(claims.exp - claims.iat, longestLifetime))
      const jwt = new SignJWT(full).setProtectedHeader({ alg, kid: stored.kid, typ: isForm ? 'at+jwt' : 'JWT' })
      const token = await jwt.sign(await openKey(stored))
      return alg === 'ES256' ? withLowS(token) : token
    },

    async verify(token, use) {
      if (token.length > LONGEST_TOKEN) return null
      const verdict = verdicts.get(token) ?? (await judge(token))
      if (verdict === null || verdict.claims.token_type !== use) return null
      const { claims, kid, contracts } = verdict
      if (claims.iat * 1000 > now() + LEEWAY * 1000) return null
      const keysReadAt = kid === null ? elapsed() : await findReadAt(kid)
      return keysReadAt === null ? null : { claims, keysReadAt, contracts }
    },

    async reloadKeys() {
      await keyring.reload()
    },

    async listPublicKeys() {
      const { all } = await keyring.current()
      return findGoodKeys(all, now()).map(({ kid, algorithm, publicJwk }) => ({ kid, algorithm, publicJwk }))
    },
  }
}

/** A token whose signature is the one of its two spellings that is taken. */
function withLowS(token: string): string {
  const start = token.lastIndexOf('.') + 1
  const signature = Buffer.from(token.slice(start), 'base64url')
  return token.slice(0, start) + Buffer.from(toLowS(signature)).toString('base64url')
}
