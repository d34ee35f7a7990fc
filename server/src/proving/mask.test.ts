import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hideSecrets, listSecrets } from './hide-secrets.ts'
import { maskJson, maskPath, maskText } from './mask.ts'

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoxfQ.c2lnbmF0dXJlLW9mLWl0'
const KEY = '9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b'

describe('a masked value', () => {
  it('has no password, no token and no key, wherever they stand', () => {
    const masked = maskJson({
      password: 'hunter2',
      new_password1: 'hunter2',
      pin: 1234,
      access: 'opaque',
      nested: [{ refreshToken: 'opaque', client_secret: 'opaque' }],
      text: `Bearer ${JWT} and ${KEY}`,
      errors: { password: { value: 'hunter2', msg: 'Password is required!', param: 'password' } },
    })
    assert.deepEqual(masked, {
      password: '(hidden)',
      new_password1: '(hidden)',
      pin: '(hidden)',
      access: '(hidden)',
      nested: [{ refreshToken: '(hidden)', client_secret: '(hidden)' }],
      text: 'Bearer (hidden) and (hidden)',
      errors: { password: { value: '(hidden)', msg: 'Password is required!', param: 'password' } },
    })
  })

  it('keeps what is said about them, and what only sounds like them', () => {
    const said = {
      password: ['This field may not be blank.'],
      refresh: ['This field is required.'],
      code: 'token_not_valid',
      token_type: 'access',
      keyboard: 'querty',
      detail: 'Token is invalid or expired',
    }
    assert.deepEqual(maskJson(said), said)
  })

  it('has nothing of a query but its names, and no token of a path', () => {
    assert.equal(maskPath('/reset/?uid=MQ&token=abc'), '/reset/?uid=(hidden)&token=(hidden)')
    assert.equal(maskPath(`/verify/${KEY}/`), '/verify/(hidden)/')
    assert.equal(maskPath('/api/users/token/refresh/'), '/api/users/token/refresh/')
    assert.equal(maskText('a1B2'.repeat(10)), '(hidden)')
    assert.equal(
      maskText('/api/registration-of-somebody/with-a-long-name/'),
      '/api/registration-of-somebody/with-a-long-name/',
    )
  })
})

describe('a text that is long to search', () => {
  const LENGTH = 1_000_000
  for (const [name, text] of [
    ['beginnings of tokens', 'eyJ-'.repeat(LENGTH / 4)],
    ['spaces', `A${' '.repeat(LENGTH)}`],
    ['hexadecimal digits', 'a0-'.repeat(LENGTH / 3)],
  ] as const) {
    it(`of ${name} is masked at once`, () => {
      const beginning = performance.now()
      maskJson({ detail: [text] })
      // Where the time grows with the square of the length, this takes a quarter of an hour.
      assert.ok(performance.now() - beginning < 60_000)
    })
  }
})

describe('the secrets of a request', () => {
  it('are those of its body, its headers and its query, and are found wherever a server repeats them', () => {
    const secrets = listSecrets({
      path: '/login?next=/private',
      headers: { authorization: 'Token some-short-key', cookie: 'a=first-cookie; b=second-cookie' },
      body: JSON.stringify({ user: { password: 'with "quotes"' }, name: 'Ada', otp: 123456, age: 12345 }),
    })
    assert.deepEqual(
      new Set(secrets),
      new Set(['/private', 'some-short-key', 'first-cookie', 'second-cookie', 'with "quotes"', '123456']),
    )
    const said = { at: 'body.detail', expected: JSON.stringify('with "quotes" is wrong'), got: '"first-cookie, Ada"' }
    assert.deepEqual(hideSecrets([said], secrets), [
      { at: 'body.detail', expected: '"(hidden) is wrong"', got: '"(hidden), Ada"' },
    ])
    assert.deepEqual(listSecrets({ path: '/', headers: {}, body: 'username=ada&password=hunter22' }), ['hunter22'])
  })
})
