import assert from 'node:assert/strict'
import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { startTestApp, type TestApp } from '../../test/kit/start-test-app.ts'
import type { Signer, TokenClaims } from '../core/ports.ts'
import { createSealing } from './sealing.ts'
import { createSigner } from './signer.ts'

const ISSUER = 'https://auth.example.com'
const NOW = 1_700_000_000
const PLAIN = { contract: 'simplejwt', profile: 'plain' } as const
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

describe('a signer', () => {
  let test: TestApp
  let signer: Signer
  let claims: TokenClaims
  let token: string
  let privateKey: KeyObject
  let publicJwk: Readonly<Record<string, string>>
  const sealing = createSealing('the secret of these tests')
  before(async () => {
    test = await startTestApp()
    signer = await open(test)
    claims = {
      sub: randomUUID(),
      sid: randomUUID(),
      jti: '0'.repeat(32),
      iat: NOW,
      exp: NOW + 300,
      token_type: 'access',
    }
    token = await signer.sign({ ...claims, user_id: 7 }, PLAIN)
    const [stored] = await test.store.listKeys()
    publicJwk = JSON.parse(stored?.publicJwk ?? '{}')
    // The test app made the key; its secret is its own.
    const own = createSealing('a secret that only tests have, 32+ long')
    privateKey = createPrivateKey({
      key: JSON.parse(own.open(stored?.sealedPrivateJwk ?? '', 'signing-key')),
      format: 'jwk',
    })
  })
  after(() => test.close())

  function open({ store }: TestApp, { issuer = ISSUER, secret = 'a secret that only tests have, 32+ long' } = {}) {
    return createSigner({ store, sealing: createSealing(secret), issuer, now: () => NOW * 1000 })
  }

  /** A token with any header and payload, signed with our own key: only what is in it can be wrong. */
  function forge({
    header,
    payload,
    key = privateKey,
  }: {
    header?: object | string
    payload?: object | string
    key?: KeyObject
  }) {
    const text = `${encode(header ?? realHeader())}.${encode(payload ?? { iss: ISSUER, ...claims })}`
    return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
  }
  const kid = () => String(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid)
  const realHeader = () => ({ alg: 'ES256', typ: 'JWT', kid: kid() })

  it('signs ES256 tokens that it takes itself, with its issuer, and the thumbprint of the key as kid', async () => {
    const [header, payload] = token
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
    assert.deepEqual(header, realHeader())
    assert.match(kid(), /^[A-Za-z0-9_-]{43}$/)
    assert.deepEqual(payload, { ...claims, user_id: 7, iss: ISSUER })
    assert.deepEqual(await claimsOf(signer, token), claims)
    assert.deepEqual(await claimsOf(signer, forge({})), claims)
  })

  it('takes a token whose time is over: whether it is still alive is not its question', async () => {
    const old = await signer.sign({ ...claims, iat: 1, exp: 2 }, PLAIN)
    assert.equal((await signer.verify(old, 'access'))?.claims.exp, 2)
  })

  it('never takes a token for another use, in either direction and also from memory', async () => {
    const refresh = await signer.sign({ ...claims, token_type: 'refresh' }, PLAIN)
    for (let round = 0; round < 2; round++) {
      assert.equal(await signer.verify(refresh, 'access'), null)
      assert.equal(await signer.verify(token, 'refresh'), null)
      assert.notEqual(await signer.verify(refresh, 'refresh'), null)
      assert.notEqual(await signer.verify(token, 'access'), null)
    }
  })

  const forgeries: Readonly<Record<string, () => string | string[]>> = {
    'with alg none and no signature': () =>
      ['none', 'None', 'NONE', ''].map(
        (alg) => `${encode({ ...realHeader(), alg })}.${encode({ iss: ISSUER, ...claims })}.`,
      ),
    'with alg none and the signature of a real one': () => {
      const [, payload, signature] = token.split('.')
      return `${encode({ ...realHeader(), alg: 'none' })}.${payload}.${signature}`
    },
    'with HS256 and the public key as its secret': () =>
      [JSON.stringify(publicJwk), publicJwk.x ?? '', Buffer.from(publicJwk.x ?? '', 'base64url'), ''].map((secret) => {
        const text = `${encode({ ...realHeader(), alg: 'HS256' })}.${encode({ iss: ISSUER, ...claims })}`
        return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
      }),
    'that names another algorithm over a real signature': () =>
      ['ES384', 'ES512', 'RS256', 'PS256', 'EdDSA', 'es256', 'ES256K'].map((alg) =>
        forge({ header: { ...realHeader(), alg } }),
      ),
    'signed with another key': () => forge({ key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }),
    'that brings its own key': () => {
      const { privateKey: key, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const jwk = publicKey.export({ format: 'jwk' })
      return [
        forge({ key, header: { ...realHeader(), jwk } }),
        forge({ key, header: { alg: 'ES256', typ: 'JWT', jwk } }),
        forge({ key, header: { ...realHeader(), jku: 'https://evil.example/jwks.json' } }),
        forge({ key, header: { ...realHeader(), x5u: 'https://evil.example/x5u' } }),
        forge({ key, header: { ...realHeader(), x5c: ['MIIB'] } }),
      ]
    },
    'with any header member besides the three, though we signed it': () =>
      [
        { crit: ['exp'] },
        { crit: ['b64'], b64: false },
        { crit: [] },
        { jku: ISSUER },
        { jwk: publicJwk },
        { x5u: ISSUER },
        { x5t: 'x' },
        { cty: 'JWT' },
        { zip: 'DEF' },
        { nonce: 'x' },
      ].map((extra) => forge({ header: { ...realHeader(), ...extra } })),
    'of another type': () =>
      ['jwt', 'at+jwt', 'JWS', '', null, 1, undefined].map((typ) => forge({ header: { ...realHeader(), typ } })),
    'with an unknown kid, or none': () =>
      ['', 'x', '../../etc/passwd', '__proto__', null, 7, undefined].map((value) =>
        forge({ header: { ...realHeader(), kid: value } }),
      ),
    'of another issuer': () =>
      [`${ISSUER}/`, 'http://auth.example.com', '', null, [ISSUER], undefined].map((iss) =>
        forge({ payload: { ...claims, iss } }),
      ),
    'that lacks a claim, or has one of the wrong type': () =>
      (['sub', 'sid', 'jti', 'iat', 'exp', 'token_type'] as const).flatMap((name) =>
        [undefined, null, [], {}, true].map((value) => forge({ payload: { iss: ISSUER, ...claims, [name]: value } })),
      ),
    'of a use that does not exist': () => forge({ payload: { iss: ISSUER, ...claims, token_type: 'id' } }),
    'whose payload is no object': () => ['[]', 'null', '"x"', '1', '{', ''].map((payload) => forge({ payload })),
    'whose header is no object': () => ['[]', 'null', '"x"', '{', ''].map((header) => forge({ header })),
    'with its bits changed, one character at a time': () =>
      [...token].flatMap((character, index) => {
        const other = character === 'A' ? 'B' : 'A'
        return [token.slice(0, index) + other + token.slice(index + 1), token.slice(0, index) + token.slice(index + 1)]
      }),
    'in another spelling of the same bytes': () =>
      token.split('.').flatMap((part, index, parts) =>
        [...ALPHABET]
          .map((last) => part.slice(0, -1) + last)
          .filter((text) => text !== part && Buffer.from(text, 'base64url').equals(Buffer.from(part, 'base64url')))
          .map((text) => parts.with(index, text).join('.')),
      ),
    'padded, or in the other base64': () => {
      const standard = token.replaceAll('-', '+').replaceAll('_', '/')
      return [`${token}=`, `${token}==`, token.replace('.', '=.'), ...(standard === token ? [] : [standard])]
    },
    'in other letters': () => [token.toUpperCase(), token.toLowerCase()],
    'cut or lengthened': () => [
      token.slice(0, -1),
      token.slice(1),
      `${token}A`,
      `${token}.`,
      `.${token}`,
      `${token}.${token}`,
      token.split('.').slice(0, 2).join('.'),
      `${token.split('.').slice(0, 2).join('.')}.`,
      token.replace('.', '..'),
    ],
    'with white space or other strange characters': () =>
      [' ', '\n', '\t', '\r\n', '\0', '\u00a0', '\ufeff', 'é', '🦊'].flatMap((text) => [
        `${text}${token}`,
        `${token}${text}`,
        token.replace('.', `.${text}`),
        token.slice(0, 30) + text + token.slice(30),
      ]),
    'that is huge, though we signed it': () => forge({ payload: { iss: ISSUER, ...claims, more: 'x'.repeat(5000) } }),
    'that is nothing of the kind': () => ['', '.', '..', 'a.b.c', 'null', '{}', '0'.repeat(40), 'x'.repeat(100_000)],
    'whose signature is in DER, of zeros, or of another length': () => {
      const text = token.split('.').slice(0, 2).join('.')
      const der = sign('sha256', Buffer.from(text), privateKey)
      return [der, Buffer.alloc(64), Buffer.alloc(0), Buffer.alloc(63), Buffer.alloc(65), Buffer.alloc(64, 255)].map(
        (signature) => `${text}.${signature.toString('base64url')}`,
      )
    },
  }
  for (const [name, make] of Object.entries(forgeries)) {
    it(`refuses a token ${name}`, async () => {
      for (const forged of [make()].flat()) {
        assert.notEqual(forged, token)
        for (let round = 0; round < 2; round++) {
          assert.equal(await signer.verify(forged, 'access'), null, forged.slice(0, 200))
          assert.equal(await signer.verify(forged, 'refresh'), null, forged.slice(0, 200))
        }
      }
      assert.deepEqual(await claimsOf(signer, token), claims)
    })
  }

  it('takes one of the two signatures that every text has: whoever works out the other gets nothing for it', async () => {
    for (let index = 0; index < 20; index++) {
      const signed = await signer.sign({ ...claims, jti: String(index).padStart(32, '0') }, PLAIN)
      assert.notEqual(await signer.verify(signed, 'access'), null)
      assert.equal(await signer.verify(mirrored(signed), 'access'), null)
    }
  })

  it('takes either signature of what version 0.1.0 wrote, which did not choose', async () => {
    const old = forge({ header: { alg: 'ES256', typ: 'JWT', kid: kid() } })
    for (const text of [old, mirrored(old)]) assert.deepEqual(await claimsOf(signer, text), claims)
  })

  it('takes no token from more than 15 s ahead of its own clock', async () => {
    for (const [ahead, isTaken] of [
      [15, true],
      [16, false],
    ] as const) {
      const signed = await signer.sign({ ...claims, iat: NOW + ahead, exp: NOW + 300 }, PLAIN)
      assert.equal((await signer.verify(signed, 'access')) !== null, isTaken, `${ahead} s`)
    }
  })

  it('makes its key once, however many start at once, and finds it again', async () => {
    const fresh = await startTestApp()
    const signers = await Promise.all(Array.from({ length: 8 }, () => open(fresh)))
    assert.equal((await fresh.store.listKeys()).length, 1)
    for (const each of signers) {
      for (const other of [...signers, await open(fresh)]) {
        assert.deepEqual(await claimsOf(other, await each.sign(claims, PLAIN)), claims)
      }
    }
    await fresh.close()
  })

  it('does not start with another secret, and the sentence says what to do', async () => {
    await assert.rejects(open(test, { secret: 'another secret' }), {
      message:
        'The secret in force is not the one this database was sealed under: set LATCHKEY_SECRET (or the secret file beside the database) back to the former value.',
    })
  })

  it('takes no token of another issuer with the same key', async () => {
    const other = await open(test, { issuer: 'https://other.example.com' })
    assert.equal(await other.verify(token, 'access'), null)
  })

  it('keeps its private key sealed: nothing of it is readable in the database', async () => {
    const [stored] = await test.store.listKeys()
    const { d = '' } = privateKey.export({ format: 'jwk' })
    assert.ok(d.length > 40)
    assert.ok(!JSON.stringify(stored).includes(d))
    assert.ok(!('d' in publicJwk))
    assert.throws(() => sealing.open(stored?.sealedPrivateJwk ?? '', 'signing-key'))
  })
})

/** The same text with the other of its two signatures: (r, n − s) for (r, s). */
function mirrored(token: string): string {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const [header, payload, signature = ''] = token.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const s = (order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)).toString(16).padStart(64, '0')
  return `${header}.${payload}.${Buffer.concat([bytes.subarray(0, 32), Buffer.from(s, 'hex')]).toString('base64url')}`
}

/** What a signer reads from an access token that it takes. */
async function claimsOf(signer: Signer, token: string): Promise<TokenClaims | undefined> {
  return (await signer.verify(token, 'access'))?.claims
}

function encode(part: object | string): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}
