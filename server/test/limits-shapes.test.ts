import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { LOGINS, loginOf, makePerson, tokenOf } from './kit/doors.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { PAGE, sendFrom } from './kit/send-from.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import { findShapeFlaws, voiceOf } from './kit/voices.ts'
import type { WireAnswer } from './kit/wire.ts'

const ADA = makePerson('ada')
const HOME = '198.51.100.7'

describe('a guess too many is a 429 in its door’s own shape, readable to pages, with a Retry-After', () => {
  let test: TestApp
  let key = ''
  before(async () => {
    test = await startTestApp({ config: { ...LIGHT_HASHING, corsOrigins: [PAGE] } })
    const { email, username, password } = ADA
    await test.core.administration.createAccount({ email, username, password }, { isStaff: false })
    const login = LOGINS.find(({ contract }) => contract === 'drf-token')
    assert.ok(login)
    key = tokenOf(await sendFrom(test, HOME, loginOf(login, ADA.email, ADA.password)))
    for (let index = 0; index < 16; index++) {
      if (index >= 10) test.advance(1000 * 2 ** (index - 10))
      await sendFrom(test, '203.0.113.5', loginOf(login, ADA.email, 'a wrong guess'))
      await sendFrom(test, HOME, changeWith('a wrong guess'))
    }
  })
  after(() => test.close())

  const changeWith = (password: string) => ({
    method: 'POST',
    path: '/api/users/password/change/',
    token: `Token ${key}`,
    json: { old_password: password, new_password1: 'New-Password-1', new_password2: 'New-Password-1' },
  })

  for (const login of LOGINS) {
    it(`at ${login.path} of ${login.contract}`, async () => {
      assertRefusal(await sendFrom(test, '203.0.113.6', loginOf(login, ADA.email, ADA.password)), login.path)
    })
  }

  it('at the change of a password, also with the right one', async () => {
    const request = changeWith(ADA.password)
    assertRefusal(await sendFrom(test, HOME, request), request.path)
  })

  it('and to a page that was not let in it tells nothing', async () => {
    const closed = await startTestApp({ config: { ...LIGHT_HASHING, networkGuesses: [{ limit: 1, window: 60_000 }] } })
    const [login] = LOGINS
    assert.ok(login)
    await sendFrom(closed, HOME, loginOf(login, ADA.email, 'a wrong guess'))
    const answer = await sendFrom(closed, HOME, loginOf(login, ADA.email, 'a wrong guess'))
    await closed.close()
    assert.equal(answer.status, 429)
    assert.equal(answer.headers['access-control-allow-origin'], undefined)
  })
})

function assertRefusal(answer: WireAnswer, path: string): void {
  assert.equal(answer.status, 429)
  assert.deepEqual(findShapeFlaws(voiceOf(path), 'POST', answer), [])
  assert.match(answer.headers['retry-after'] ?? '', /^[3-6]\d$/)
  assert.equal(answer.headers['access-control-allow-origin'], PAGE)
  assert.match(answer.headers['access-control-expose-headers'] ?? '', /Retry-After/)
}
