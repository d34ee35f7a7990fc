import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { describe, it } from 'node:test'
import { mint, OLD_SECRETS } from '../../test/kit/legacy-tokens.ts'
import { createLegacyTokens, type LegacyTokenRules } from './legacy-tokens.ts'

const DAY = 86_400_000
const CUTOVER = Date.UTC(2026, 10, 20, 18)
const SECONDS = CUTOVER / 1000
const JTI = 'f0e1d2c3b4a5968778695a4b3c2d1e0f'
const secrets = Object.entries(OLD_SECRETS).map(([contract, secret]) => ({ contract, secret }))

function open(change: Partial<LegacyTokenRules> = {}) {
  return createLegacyTokens({ secrets, cutover: CUTOVER, longestLife: 60 * DAY, now: () => CUTOVER + 1000, ...change })
}

/** What SimpleJWT claims, ten seconds before the cut-over. */
function claims(change: Readonly<Record<string, unknown>> = {}) {
  const iat = SECONDS - 10
  return { token_type: 'access', exp: iat + 300, iat, jti: JTI, user_id: 7, ...change }
}

describe('createLegacyTokens', () => {
  it('reads what SimpleJWT signed, for the use it was made for', () => {
    const times = { issuedAt: CUTOVER - 10_000, expiresAt: CUTOVER + 290_000 }
    const expected = { contract: 'simplejwt', use: 'access', legacyId: '7', id: JTI, ...times }
    assert.partialDeepStrictEqual(open().read(mint(claims()), 'access'), expected)
    assert.equal(open().read(mint(claims()), 'refresh'), null)
    const refresh = mint(claims({ token_type: 'refresh' }))
    assert.partialDeepStrictEqual(open().read(refresh, 'refresh'), { ...expected, use: 'refresh' })
    assert.equal(open().read(refresh, 'access'), null)
  })

  it('reads what PyJWT signed for documents 000 and 001: an id, and an end alone', () => {
    const token = mint({ id: 42, exp: SECONDS + 59 * 86_400 }, OLD_SECRETS['drf-jwt'])
    assert.partialDeepStrictEqual(open().read(token, 'access'), { contract: 'drf-jwt', legacyId: '42', id: null })
    assert.equal(open().read(token, 'refresh'), null)
  })

  it('reads what jsonwebtoken signed, wherever an Express app wrote whose it is', () => {
    const id = '65f1c0ffee0ddba11feed123'
    const times = { iat: SECONDS - 5, exp: SECONDS + 86_400 }
    const ways = [
      { id },
      { _id: id },
      { userId: id },
      { user: { id } },
      { user: { _id: id } },
      { sub: id },
      { id, sub: id },
    ]
    for (const way of ways) {
      const token = mint({ ...way, ...times }, OLD_SECRETS['express-jwt'])
      const read = open().read(token, 'access')
      assert.partialDeepStrictEqual(read, { contract: 'express-jwt', legacyId: id }, JSON.stringify(way))
    }
    for (const way of [{}, { id, sub: 'another' }, { id: null }, { id: {} }, { id: '' }, { user: id }]) {
      assert.equal(
        open().read(mint({ ...way, ...times }, OLD_SECRETS['express-jwt']), 'access'),
        null,
        JSON.stringify(way),
      )
    }
  })

  it('knows an id however it is written', () => {
    const uuid = '0f0e0d0c-0b0a-4908-8706-050403020100'
    for (const user_id of [uuid, uuid.toUpperCase(), uuid.replaceAll('-', '')]) {
      assert.equal(open().read(mint(claims({ user_id })), 'access')?.legacyId, uuid)
    }
    assert.equal(open().read(mint(claims({ user_id: '7' })), 'access')?.legacyId, '7')
  })

  it('looks where it is told whose a token is, and nowhere else', () => {
    const token = mint(claims({ user_id: 7, account: { pk: 'x-9' } }))
    assert.equal(open({ idClaim: 'account.pk' }).read(token, 'access')?.legacyId, 'x-9')
    assert.equal(open({ idClaim: 'account' }).read(token, 'access'), null)
    assert.equal(open({ idClaim: '__proto__' }).read(token, 'access'), null)
    assert.equal(open({ idClaim: 'constructor.name' }).read(token, 'access'), null)
  })

  it('takes nothing without a cut-over, nothing from after it, and nothing that lives longer than it may', () => {
    const token = mint(claims())
    assert.equal(open({ cutover: null }).read(token, 'access'), null)
    assert.notEqual(open().read(mint(claims({ iat: SECONDS })), 'access'), null)
    assert.equal(open().read(mint(claims({ iat: SECONDS + 1 })), 'access'), null)
    const most = SECONDS + 60 * 86_400
    // Without a time at which it was made, its end alone tells that it may be from before.
    assert.notEqual(open().read(mint(claims({ iat: undefined, exp: most })), 'access'), null)
    assert.equal(open().read(mint(claims({ iat: undefined, exp: most + 1 })), 'access'), null)
    assert.notEqual(open().read(mint(claims({ exp: most - 10 })), 'access'), null)
    assert.equal(open().read(mint(claims({ exp: most })), 'access'), null)
    // A cut-over that is to come makes nothing good that is not there yet.
    const early = open({ now: () => CUTOVER - DAY })
    assert.equal(early.read(token, 'access'), null)
    assert.notEqual(early.read(mint(claims({ iat: SECONDS - 90_000 })), 'access'), null)
  })

  const ill: Readonly<Record<string, readonly string[]>> = {
    'no end, or none that is a time': [undefined, null, '9', Number.NaN, -1, 0, true, [], 1e300].map((exp) =>
      mint(claims({ exp })),
    ),
    'an end before its beginning': [mint(claims({ exp: SECONDS - 10 })), mint(claims({ exp: SECONDS - 60 }))],
    'a beginning that is no time': [null, '9', -1, {}].map((iat) => mint(claims({ iat }))),
    'a time before which it is not good': [SECONDS + 3600, 'x', null].map((nbf) => mint(claims({ nbf }))),
    'another use, or none': ['sliding', 'Access', '', null, undefined, 1].map((token_type) =>
      mint(claims({ token_type })),
    ),
    'a name in the place of an id': ['email:ada@example.com', 'username:ada'].map((user_id) =>
      mint(claims({ user_id })),
    ),
    'a session of ours': [mint(claims({ sid: 'x' })), mint(claims({ sid: null }))],
    'an issuer or an audience that nobody named': [
      mint(claims({ iss: 'x' })),
      mint(claims({ iss: null })),
      mint(claims({ aud: 'x' })),
      mint(claims({ aud: ['x'] })),
      mint(claims({ aud: null })),
    ],
    'another secret': [mint(claims(), 'another'), mint(claims(), ''), mint(claims(), `${OLD_SECRETS.simplejwt} `)],
    'another algorithm': [
      mint(claims(), OLD_SECRETS.simplejwt, { alg: 'HS512', typ: 'JWT' }, 'sha512'),
      mint(claims(), OLD_SECRETS.simplejwt, { alg: 'HS512', typ: 'JWT' }),
      mint(claims(), OLD_SECRETS.simplejwt, { alg: 'HS256', typ: 'JWT' }, 'sha512'),
      ...['none', 'None', '', 'hs256', 'RS256', null, ['HS256'], undefined].map((alg) =>
        mint(claims(), OLD_SECRETS.simplejwt, { alg, typ: 'JWT' }),
      ),
    ],
    'no signature': [
      `${mint(claims()).split('.').slice(0, 2).join('.')}.`,
      mint(claims()).split('.').slice(0, 2).join('.'),
    ],
    'a header that says more': [
      { kid: 'x' },
      { kid: null },
      { crit: ['exp'] },
      { jku: 'https://evil.example' },
      { jwk: {} },
      { x5u: 'x' },
      { typ: 'at+jwt' },
      { b64: false },
      { zip: 'DEF' },
    ].map((more) => mint(claims(), OLD_SECRETS.simplejwt, { alg: 'HS256', typ: 'JWT', ...more })),
    'claims that are no object': ['[]', 'null', '7', '"x"', '', '{'].map((text) => mint(text)),
    'another spelling': [
      ...['=', '==', ' ', '\n', '.', '.x'].flatMap((end) => [`${mint(claims())}${end}`, `${end}${mint(claims())}`]),
      respell(mint(claims())),
      mint(claims()).replace('.', '=.'),
      mint(claims({ more: 'x'.repeat(4000) })),
    ],
  }
  for (const [name, tokens] of Object.entries(ill)) {
    it(`takes no token with ${name}`, () => {
      assert.notEqual(open().read(mint(claims()), 'access'), null)
      for (const token of tokens) {
        for (const use of ['access', 'refresh'] as const)
          assert.equal(open().read(token, use), null, token.slice(0, 200))
      }
    })
  }

  it('takes a token of another purpose that an app signed with the same secret for none', () => {
    const times = { iat: SECONDS - 5, exp: SECONDS + 900 }
    for (const more of [
      { purpose: 'reset' },
      { type: 'refresh' },
      { token_type: 'refresh' },
      { use: null },
      { action: 'verify' },
    ]) {
      assert.equal(open().read(mint({ id: 1, ...times, ...more }, OLD_SECRETS['express-jwt']), 'access'), null)
    }
    assert.notEqual(open().read(mint({ id: 1, ...times, type: 'access' }, OLD_SECRETS['express-jwt']), 'access'), null)
  })

  it('does not take a refresh token for an access token where two contracts have one secret', () => {
    const secret = OLD_SECRETS.simplejwt
    const tokens = open({ secrets: ['simplejwt', 'drf-jwt', 'express-jwt'].map((contract) => ({ contract, secret })) })
    assert.equal(tokens.read(mint(claims({ token_type: 'refresh' })), 'access'), null)
    assert.equal(tokens.read(mint(claims({ token_type: 'refresh' })), 'refresh')?.contract, 'simplejwt')
    assert.equal(tokens.read(mint({ id: 1, exp: SECONDS + 9 }), 'access')?.contract, 'drf-jwt')
  })

  it('takes the algorithm, the issuer and the audience that are set, and no other', () => {
    const secret = OLD_SECRETS.simplejwt
    const tokens = open({ algorithm: 'HS512', issuer: 'https://old.example', audience: 'app' })
    const mine = { iss: 'https://old.example', aud: 'app' }
    const sign = (change: object) =>
      mint(claims({ ...mine, ...change }), secret, { typ: 'JWT', alg: 'HS512' }, 'sha512')
    assert.notEqual(tokens.read(sign({}), 'access'), null)
    assert.notEqual(tokens.read(sign({ aud: ['other', 'app'] }), 'access'), null)
    for (const change of [
      { iss: undefined },
      { aud: undefined },
      { aud: [] },
      { aud: ['ap'] },
      { aud: 'app2' },
      { aud: [['app']] },
      { iss: 'x' },
    ]) {
      assert.equal(tokens.read(sign(change), 'access'), null, JSON.stringify(change))
    }
    assert.equal(tokens.read(mint(claims(mine)), 'access'), null)
  })

  it('knows a token of SimpleJWT by its jti and its owner, and any other by its text', () => {
    const digest = (token: string) => open().read(token, 'access')?.digest
    assert.equal(digest(mint(claims())), digest(mint(claims({ name: 'added afterwards' }))))
    assert.notEqual(digest(mint(claims())), digest(mint(claims({ user_id: 8 }))))
    assert.notEqual(digest(mint(claims())), digest(mint(claims({ jti: 'another' }))))
    const refresh = open().read(mint(claims({ token_type: 'refresh' })), 'refresh')?.digest
    assert.notEqual(digest(mint(claims())), refresh)
    const [one, other] = [1, 2].map((more) =>
      mint({ id: 1, jti: 'x', exp: SECONDS + more }, OLD_SECRETS['express-jwt']),
    )
    assert.equal(digest(one ?? ''), hash('sha256', one ?? '', 'hex'))
    assert.notEqual(digest(one ?? ''), digest(other ?? ''))
  })

  it('digests a token of django-rest-knox as its versions 4 and 5 do, and nothing of another shape', () => {
    const token = '9944b09199c62bcf9418ad846dd0e4bbdfc6ee4bdeadbeef0123456789abcdef'
    const [text, bytes] = [hash('sha512', token, 'hex'), hash('sha512', Buffer.from(token, 'hex'), 'hex')]
    assert.deepEqual(open().digestOpaque(token), [text, bytes])
    for (const other of [
      token.toUpperCase(),
      token.slice(1),
      `${token}0`,
      ` ${token}`,
      `${token}\n`,
      `x-${token}`,
      '',
    ]) {
      assert.equal(open().digestOpaque(other), null)
    }
    const prefixed = open({ knoxPrefix: 'a_-' })
    assert.deepEqual(prefixed.digestOpaque(`a_-${token}`), [hash('sha512', `a_-${token}`, 'hex')])
    assert.equal(prefixed.digestOpaque(token)?.length, 2)
    assert.equal(prefixed.digestOpaque(`A_-${token}`), null)
  })
})

/** The same bytes with other spare bits at the end of the signature. */
function respell(token: string): string {
  const last = token.at(-1) ?? ''
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return token.slice(0, -1) + letters[letters.indexOf(last) ^ 1]
}
