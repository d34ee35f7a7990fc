import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findObjection, type Purpose, readPurpose } from './choose-request.ts'

const PURPOSES: readonly (readonly [request: string, purpose: Purpose])[] = [
  ['POST /api/users/login/', 'logs in'],
  ['POST /api/auth/login', 'logs in'],
  ['POST /user/login/', 'logs in'],
  ['POST /api-token-auth/', 'logs in'],
  ['POST /api/token/', 'logs in'],
  ['POST /auth/jwt/create/', 'writes'],
  ['POST /api/users/token/refresh/', 'checks'],
  ['POST /api/users/token/verify/', 'checks'],
  ['POST /api/users/token/blacklist/', 'logs out'],
  ['POST /api/users/logout/', 'logs out'],
  ['POST /api/auth/logoutall/', 'logs out'],
  ['POST /registration/', 'writes'],
  ['POST /api/users/registration/verify-email/', 'writes'],
  ['POST /api/users/password/reset/', 'writes'],
  ['POST /login/password/change/', 'writes'],
  ['POST /users', 'writes'],
  ['POST /orders/12', 'writes'],
  ['PUT /login', 'writes'],
  ['DELETE /api/token/', 'writes'],
  ['GET /api/users/user/?page=/login.js', 'reads'],
  ['OPTIONS /api/users/login/', 'reads'],
  ['GET /accounts/logout/', 'logs out'],
  ['HEAD /accounts/logout/?next=/', 'logs out'],
  ['OPTIONS /accounts/logout/', 'reads'],
  ['GET /accounts/confirm-email/MTI:1kqX2v:x/', 'writes'],
  ['GET /reset/confirm/MTI/5f4-x/', 'writes'],
  ['GET /static/app.js?v=2', 'fetches a file'],
]

describe('the purpose of a request', () => {
  for (const [text, purpose] of PURPOSES) {
    it(`of ${text} is known: it ${purpose}`, () => {
      const [method = '', path = ''] = text.split(' ')
      assert.equal(readPurpose({ method, path }), purpose)
    })
  }

  it('keeps from sending what ends the session of somebody else', () => {
    const logout = {
      line: 1,
      method: 'POST',
      path: '/logout',
      origin: null,
      headers: {},
      body: undefined,
      answer: null,
    }
    const options = { isAll: false, isOwnToken: false, origin: null }
    assert.match(findObjection(logout, options) ?? '', /would end a session/)
    assert.equal(findObjection(logout, { ...options, isOwnToken: true }), null)
    assert.equal(findObjection(logout, { ...options, isAll: true }), null)
  })
})
