import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { unsigned } from '../../test/kit/old-server.ts'
import { CONTRACT_NAMES } from './index.ts'
import { LEGACY_LOGINS } from './legacy.ts'

const TYPED = { identifier: 'ada@example.com', password: 'a password' }
const NO_PROFILE = { name: '', firstName: '', lastName: '', phoneNumber: '' }

function read(contract: string, status: number, body: Readonly<Record<string, unknown>>) {
  return LEGACY_LOGINS[contract]?.read({ status, body }, TYPED)
}

describe('what old servers are asked, and what they answer', () => {
  it('is known of every contract, each at the path of its document', () => {
    assert.deepEqual(Object.keys(LEGACY_LOGINS).sort(), [...CONTRACT_NAMES].sort())
    const asked = Object.entries(LEGACY_LOGINS).map(([name, login]) => [name, login.path, login.write(TYPED)])
    const byEmail = { email: TYPED.identifier, password: TYPED.password }
    assert.deepEqual(asked, [
      ['drf-jwt', '/user/login/', byEmail],
      ['drf-token', '/api/users/login/', byEmail],
      ['express-jwt', '/api/auth/login/', byEmail],
      ['simplejwt', '/api/users/login/', { username: TYPED.identifier, password: TYPED.password }],
    ])
  })

  it('is a yes as each document writes it, with the id that the token tells', () => {
    const shown = { legacyId: null, email: TYPED.identifier, username: null, profile: NO_PROFILE }
    assert.deepEqual(read('drf-token', 200, { key: 'abc' }), shown)
    const token = unsigned({ id: 7, exp: 1 })
    const profile = { name: 'Ada', username: 'ada', phone_number: '+491' }
    assert.deepEqual(read('drf-jwt', 200, { ...profile, token }), {
      legacyId: '7',
      email: null,
      username: 'ada',
      profile: { ...NO_PROFILE, name: 'Ada', phoneNumber: '+491' },
    })
    assert.deepEqual(read('express-jwt', 200, { status: 'success', token }), { ...shown, legacyId: '7' })
    const access = unsigned({ user_id: 7 })
    const pair = read('simplejwt', 200, { refresh: access, access })
    assert.deepEqual(pair, { ...shown, legacyId: '7', email: null, username: TYPED.identifier })
  })

  it('is a yes with what dj-rest-auth and Express apps show besides', () => {
    const user = { pk: 3, username: 'ada', email: 'Ada@example.com', first_name: 'Ada', last_name: 'Lovelace' }
    assert.deepEqual(read('drf-token', 200, { key: 'abc', user }), {
      legacyId: '3',
      email: TYPED.identifier,
      username: 'ada',
      profile: { ...NO_PROFILE, firstName: 'Ada', lastName: 'Lovelace' },
    })
    const ids = [
      { user: { id: '65a0b1' } },
      { user: '65a0b1' },
      { _id: '65a0b1' },
      { userId: '65a0b1' },
      { sub: '65a0b1' },
    ]
    for (const claims of ids) {
      const shown = read('express-jwt', 201, { token: unsigned(claims) })
      assert.ok(typeof shown === 'object' && shown?.legacyId === '65a0b1', JSON.stringify(claims))
    }
  })

  it('is no id where a name is shown as the user, which somebody could have chosen to look like one', () => {
    const shown = read('drf-token', 200, { key: 'abc', user: '7' })
    assert.ok(typeof shown === 'object' && shown?.legacyId === null)
  })

  it('is a no as each document writes it, whatever it says of the fields', () => {
    for (const contract of ['drf-token', 'drf-jwt', 'simplejwt']) {
      assert.equal(read(contract, 400, { non_field_errors: ['no'] }), 'refused')
      assert.equal(read(contract, 400, { password: ['Ensure this field has at least 8 characters.'] }), 'refused')
      assert.equal(read(contract, 401, { detail: 'no' }), 'refused')
    }
    assert.equal(
      read('express-jwt', 400, { status: 'fail', errors: { main: { msg: 'user password incorrect' } } }),
      'wrong_password',
    )
    assert.equal(read('express-jwt', 404, { success: false, message: 'User not found' }), 'refused')
    assert.equal(read('express-jwt', 200, { status: 'fail', token: 'x' }), 'refused')
  })

  it('is neither where it is somebody else’s answer', () => {
    const strange: readonly [number, Readonly<Record<string, unknown>>][] = [
      [200, {}],
      [200, { key: 7, token: 7, access: 7, refresh: 7 }],
      [200, { key: '', token: '', access: '', refresh: '' }],
      [302, { key: 'abc', token: 'abc' }],
      [403, { detail: 'CSRF Failed' }],
      [404, { detail: 'Not found.' }],
      [405, { detail: 'Method "POST" not allowed.' }],
      [429, { detail: 'Request was throttled.' }],
      [500, { error: 'x' }],
    ]
    for (const contract of CONTRACT_NAMES) {
      for (const [status, body] of strange) {
        assert.equal(read(contract, status, body), null, `${contract} ${status} ${JSON.stringify(body)}`)
      }
    }
  })

  it('shows nothing of a token that is none, and no prototype', () => {
    const before = Object.keys(Object.prototype)
    for (const token of ['x', 'a.b.c', `a.${Buffer.from('[]').toString('base64url')}.c`, '..', unsigned({ id: {} })]) {
      const shown = read('drf-jwt', 200, { token })
      assert.ok(typeof shown === 'object' && shown?.legacyId === null, token)
    }
    const odd: Record<string, unknown> = JSON.parse(
      '{"token":"x","user":{"__proto__":{"id":7}},"constructor":{"id":7}}',
    )
    const shown = read('drf-jwt', 200, odd)
    assert.ok(typeof shown === 'object' && shown?.legacyId === null)
    assert.deepEqual(Object.keys(Object.prototype), before)
  })
})
