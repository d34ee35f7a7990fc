import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import type { NewKey, Signer, StoredKey, TokenClaims, TokenForm } from '../core/ports.ts'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../core/signing-key.ts'
import { createKeyMaker } from './make-key.ts'
import { createSealing } from './sealing.ts'
import { createSigner, type SignerOptions } from './signer.ts'

const ISSUER = 'https://auth.example.com'
const NOW = 1_700_000_000
const MINUTE = 60_000
const PLAIN: TokenForm = { contract: 'simplejwt', profile: 'plain' }
const RFC9068: TokenForm = { contract: 'v1', profile: 'rfc9068' }

const claims: TokenClaims = {
  sub: randomUUID(),
  sid: randomUUID(),
  jti: '0'.repeat(32),
  iat: NOW,
  exp: NOW + 300,
  token_type: 'access',
}

describe('signing keys of a signer', () => {
  it('take over from each other when they are due, and what the one before signed stays good', async () => {
    const { open, add, pass } = await database()
    const signer = await open()
    const old = await signer.sign(claims, PLAIN)
    const next = await add({ lead: 10 * MINUTE })
    pass(1000)
    assert.notEqual(headerOf(await signer.sign(claims, PLAIN)).kid, next.kid)
    pass(10 * MINUTE)
    const young = await signer.sign({ ...claims, iat: NOW + 600, exp: NOW + 900 }, PLAIN)
    assert.equal(headerOf(young).kid, next.kid)
    for (const token of [old, young]) assert.ok(await signer.verify(token, 'access'))
  })

  it('sign nothing that lives longer than the database was told that they sign', async () => {
    const { open, keys } = await database()
    const signer = await open({ longestLifetime: 1000 })
    assert.equal(keys[0]?.longestLifetime, 1000)
    await signer.sign(claims, PLAIN)
    assert.equal(keys[0]?.longestLifetime, 1000)
    await Promise.all([3000, 2000].map((life) => signer.sign({ ...claims, exp: NOW + life }, PLAIN)))
    assert.equal(keys[0]?.longestLifetime, 3000)
  })

  it('give no token out when that cannot be noted', async () => {
    const { open, store } = await database()
    let isAway = false
    const noteLifetime = (kid: string, seconds: number) =>
      isAway ? Promise.reject(new Error('The database is away.')) : store.noteLifetime(kid, seconds)
    const signer = await open({ store: { ...store, noteLifetime } })
    isAway = true
    await assert.rejects(signer.sign(claims, PLAIN), /is away/)
    isAway = false
    assert.ok(await signer.verify(await signer.sign(claims, PLAIN), 'access'))
  })

  it('are good, once they have retired, for as long as the longest token they signed, and no longer', async () => {
    const { open, add, pass } = await database()
    const signer = await open()
    const token = await signer.sign({ ...claims, exp: NOW + 3600 }, PLAIN)
    await add({ lead: 0 })
    pass(3600 * 1000)
    assert.ok(await signer.verify(token, 'access'))
    assert.equal((await signer.listPublicKeys()).length, 2)
    pass(MINUTE)
    assert.equal(await signer.verify(token, 'access'), null)
    assert.equal((await signer.listPublicKeys()).length, 1)
  })

  it('take all they signed along when they are revoked, also what was found good before', async () => {
    const { open, add, keys, pass } = await database()
    const signer = await open()
    const dead = await signer.sign(claims, PLAIN)
    await add({ lead: 0 })
    pass(1000)
    const alive = await signer.sign(claims, PLAIN)
    for (const token of [dead, alive]) assert.ok(await signer.verify(token, 'access'))
    keys.splice(1, 1, { ...keys[1], revokedAt: NOW * 1000 } as StoredKey)
    pass(1000)
    assert.equal(await signer.verify(dead, 'access'), null)
    assert.ok(await signer.verify(alive, 'access'))
    assert.equal((await signer.listPublicKeys()).length, 1)
  })

  it('say when they were read', async () => {
    const { open, pass, elapsed } = await database()
    const signer = await open()
    const token = await signer.sign(claims, PLAIN)
    const first = (await signer.verify(token, 'access'))?.keysReadAt
    pass(1000)
    assert.ok(first !== undefined && elapsed() - first >= 1000)
    assert.equal((await signer.verify(token, 'access'))?.keysReadAt, elapsed())
  })

  for (const algorithm of SIGNING_ALGORITHMS) {
    it(`for ${algorithm} sign what they take, and nothing is taken that says another algorithm`, async () => {
      const { open, keys } = await database(algorithm)
      const signer = await open()
      const token = await signer.sign(claims, PLAIN)
      assert.deepEqual(headerOf(token), { alg: algorithm, kid: keys[0]?.kid, typ: 'JWT' })
      assert.deepEqual((await signer.verify(token, 'access'))?.claims, claims)
      for (const alg of ['ES256', 'EdDSA', 'RS256', 'HS256', 'none', 'PS256', 'Ed25519', 'ES384']) {
        if (alg === algorithm) continue
        assert.equal(await signer.verify(withHeader(token, { alg }), 'access'), null, alg)
      }
    })

    it(`for ${algorithm} take one signature alone for a text, not its other spelling`, async () => {
      const { open, keys } = await database(algorithm)
      const signer = await open()
      for (let index = 0; index < 20; index++) {
        const token = await signer.sign({ ...claims, jti: String(index).padStart(32, '0') }, PLAIN)
        assert.ok(await signer.verify(token, 'access'))
        for (const other of OTHER_SIGNATURES[algorithm](signatureOf(token), JSON.parse(keys[0]?.publicJwk ?? '{}'))) {
          assert.equal(await signer.verify(withSignature(token, other), 'access'), null)
        }
      }
    })
  }

  it('can be of different algorithms at once', async () => {
    const { open, add, pass } = await database('ES256')
    const signer = await open()
    const tokens = [await signer.sign(claims, PLAIN)]
    for (const algorithm of ['EdDSA', 'RS256'] as const) {
      await add({ lead: 0, algorithm })
      pass(1000)
      tokens.push(await signer.sign(claims, PLAIN))
    }
    assert.deepEqual(
      tokens.map((token) => headerOf(token).alg),
      ['ES256', 'EdDSA', 'RS256'],
    )
    for (const token of tokens) {
      assert.ok(await signer.verify(token, 'access'))
      for (const other of tokens.filter((one) => one !== token)) {
        const { alg, kid } = headerOf(other)
        assert.equal(await signer.verify(withHeader(token, { kid }), 'access'), null)
        assert.equal(await signer.verify(withHeader(token, { alg, kid }), 'access'), null)
      }
    }
    assert.equal((await signer.listPublicKeys()).length, 3)
  })
})

describe('what a token is for', () => {
  it('is said by an access token of RFC 9068, which has the issuer as its audience unless one is set', async () => {
    for (const audience of [null, 'https://api.example.com']) {
      const { open } = await database()
      const signer = await open({ audience })
      const token = await signer.sign({ ...claims, client_id: 'v1' }, RFC9068)
      assert.equal(headerOf(token).typ, 'at+jwt')
      assert.deepEqual(payloadOf(token), { ...claims, client_id: 'v1', iss: ISSUER, aud: audience ?? ISSUER })
      assert.deepEqual((await signer.verify(token, 'access'))?.claims, { ...claims, aud: audience ?? ISSUER })
      assert.equal(await signer.verify(withHeader(token, { typ: 'JWT' }), 'access'), null)
    }
  })

  it('is in no other token unless an audience is set, and then in every one', async () => {
    const { open } = await database()
    const [plain, strict] = [await open(), await open({ audience: 'api' })]
    const before = await plain.sign(claims, PLAIN)
    assert.ok(!('aud' in payloadOf(before)))
    const after = await strict.sign(claims, PLAIN)
    assert.equal(payloadOf(after).aud, 'api')
    // Who has signed in before it was set goes on; one that was meant for others is not taken.
    assert.ok(await strict.verify(before, 'access'))
    assert.ok(await strict.verify(after, 'access'))
    assert.equal(await plain.verify(after, 'access'), null)
    assert.equal(await (await open({ audience: 'other' })).verify(after, 'access'), null)
  })

  it('is not what it says when a refresh token, or one without an audience or a client, says that it is at+jwt', async () => {
    const { open } = await database()
    const signer = await open()
    const form = { ...claims, client_id: 'v1' }
    assert.ok(await signer.verify(await signer.sign(form, RFC9068), 'access'))
    const wrong = [
      await signer.sign({ ...form, token_type: 'refresh' }, RFC9068),
      await signer.sign(claims, RFC9068),
      await signer.sign({ ...claims, client_id: 7 }, RFC9068),
    ]
    for (const token of wrong) {
      for (const use of ['access', 'refresh'] as const) assert.equal(await signer.verify(token, use), null)
    }
  })
})

type Jwk = Readonly<Record<string, string>>

/** The other numbers that a verifier which takes them modulo something would take for the same signature. */
const OTHER_SIGNATURES: Readonly<Record<SigningAlgorithm, (signature: Buffer, jwk: Jwk) => readonly Buffer[]>> = {
  ES256: (signature) => {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const s = order - BigInt(`0x${signature.subarray(32).toString('hex')}`)
    return [Buffer.concat([signature.subarray(0, 32), toBytes(s, 32)])]
  },
  // RFC 8032, 5.1.7: S has to be below the order of the group.
  EdDSA: (signature) => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`)
    return [s + order, s + 2n * order]
      .filter((other) => other < 2n ** 256n)
      .map((other) => Buffer.concat([signature.subarray(0, 32), toBytes(other, 32).reverse()]))
  },
  // RFC 8017, 5.2.2: the signature has to be below the modulus, and as long as that.
  RS256: (signature, { n = '' }) => {
    const modulus = BigInt(`0x${Buffer.from(n, 'base64url').toString('hex')}`)
    const other = BigInt(`0x${signature.toString('hex')}`) + modulus
    const fits = other < 2n ** BigInt(8 * signature.length)
    return [
      Buffer.concat([Buffer.alloc(1), signature]),
      toBytes(other, signature.length + 1),
      ...(fits ? [toBytes(other, signature.length)] : []),
    ]
  },
}

/** A database of keys that a test looks into and changes, with a clock that it turns. */
async function database(algorithm: SigningAlgorithm = 'ES256') {
  const sealing = createSealing('a secret')
  const keys: StoredKey[] = []
  let time = NOW * 1000
  const hold = (key: NewKey): StoredKey => ({ ...key, retiredAt: null, revokedAt: null, longestLifetime: 0 })
  const store: SignerOptions['store'] = {
    async addFirstKey(key) {
      keys.unshift(hold(key))
      return keys
    },
    listKeys: async () => [...keys],
    async noteLifetime(kid, seconds) {
      const at = keys.findIndex((key) => key.kid === kid)
      const key = keys[at]
      if (key !== undefined && key.longestLifetime < seconds) keys[at] = { ...key, longestLifetime: seconds }
    },
  }
  const elapsed = () => time - NOW * 1000
  return {
    keys,
    store,
    elapsed,
    pass: (milliseconds: number) => {
      time += milliseconds
    },
    open: (options: Partial<SignerOptions> = {}): Promise<Signer> =>
      createSigner({ store, sealing, issuer: ISSUER, algorithm, now: () => time, elapsed, ...options }),
    async add({ lead, algorithm: other = algorithm }: { lead: number; algorithm?: SigningAlgorithm }) {
      const activeFrom = time + lead
      const key = await createKeyMaker({ sealing, algorithm: other }).make({ createdAt: time, activeFrom })
      for (const [index, before] of keys.entries())
        keys[index] = { ...before, retiredAt: before.retiredAt ?? activeFrom }
      keys.unshift(hold(key))
      return key
    },
  }
}

function headerOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
}

function payloadOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

function signatureOf(token: string): Buffer {
  return Buffer.from(token.split('.')[2] ?? '', 'base64url')
}

function withHeader(token: string, change: object): string {
  const header = Buffer.from(JSON.stringify({ ...headerOf(token), ...change })).toString('base64url')
  return [header, ...token.split('.').slice(1)].join('.')
}

function withSignature(token: string, signature: Buffer): string {
  return [...token.split('.').slice(0, 2), signature.toString('base64url')].join('.')
}

function toBytes(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex')
}
