import assert from 'node:assert/strict'
import { after, beforeEach, describe, it } from 'node:test'
import type { Letter } from '../src/core/mail.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import { send, type WireAnswer } from './kit/wire.ts'

const EMAIL = 'john.doe@example.com'
const MINUTE = 60_000
const NEW = { new_password1: 'Password456', new_password2: 'Password456' }

describe('letters', () => {
  let test: TestApp
  beforeEach(async () => {
    await test?.close()
    test = await startTestApp({ config: { mailUrl: 'file:///letters' } })
    await post('/api/users/registration/', {
      first_name: 'John',
      last_name: 'Doe',
      email: EMAIL,
      password1: 'Password123',
      password2: 'Password123',
    })
  })
  after(() => test.close())

  const post = (path: string, json: unknown): Promise<WireAnswer> => send(test, { method: 'POST', path, json })
  const logIn = (password: string) => post('/api/users/login/', { email: EMAIL, password })
  const confirm = ({ uid, token }: Letter, passwords = NEW) =>
    post('/api/users/password/reset/confirm/', { uid, token, ...passwords })

  async function nextLetter(): Promise<Letter> {
    const before = test.letters.length
    await test.core.deliverLetters()
    const letter = test.letters[before]
    assert.ok(letter, 'no letter came')
    return letter
  }

  async function askForReset(): Promise<Letter> {
    await test.core.deliverLetters()
    await post('/api/users/password/reset/', { email: EMAIL.toUpperCase() })
    return nextLetter()
  }

  it('come with a registration and prove the address once', async () => {
    const letter = await nextLetter()
    assert.deepEqual(
      { ...letter, token: '' },
      { purpose: 'email_verification', to: EMAIL, name: 'John Doe', uid: '1', token: '' },
    )
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post('/api/users/registration/verify-email/', { key: letter.token })),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array.from({ length: 7 }, () => 404)])
    assert.equal((await test.core.administration.findAccount(EMAIL))?.emailVerified, true)
  })

  it('are not sent for an address that is proved, that nobody has, or whose account is disabled', async () => {
    await post('/api/users/registration/verify-email/', { key: (await nextLetter()).token })
    await post('/api/users/registration/resend-email/', { email: EMAIL })
    await post('/api/users/password/reset/', { email: 'nobody@example.com' })
    await test.core.administration.setActive(1, false)
    await post('/api/users/password/reset/', { email: EMAIL })
    assert.deepEqual(await test.core.deliverLetters(), { sent: 0, failures: [] })
    assert.equal(test.letters.length, 1)
  })

  it('are asked for with the same answer whoever has the address', async () => {
    const [known, unknown] = await Promise.all([
      post('/api/users/password/reset/', { email: EMAIL }),
      post('/api/users/password/reset/', { email: 'nobody@example.com' }),
    ])
    assert.deepEqual([known.status, known.text], [unknown.status, unknown.text])
  })

  it('reset a password once, end every session and forgive failed logins', async () => {
    const { json } = await logIn('Password123')
    const key = (json as { key: string }).key
    for (let guess = 0; guess < 10; guess++) await logIn('wrong')
    assert.equal((await logIn('Password123')).status, 429)

    const letter = await askForReset()
    const answers = await Promise.all(Array.from({ length: 8 }, () => confirm(letter)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array.from({ length: 7 }, () => 400)])
    for (const { status, text } of answers) if (status === 400) assert.equal(text, '{"token":["Invalid value"]}')
    const used = await send(test, { method: 'GET', path: '/v1/session', headers: { authorization: `Token ${key}` } })
    assert.equal(used.status, 401)
    assert.equal((await logIn('Password123')).status, 400)
    assert.equal((await logIn('Password456')).status, 200)
  })

  it('are good for an hour, or a day for the proof of an address, and not a moment longer', async () => {
    const proof = await nextLetter()
    const reset = await askForReset()
    test.advance(60 * MINUTE)
    assert.equal((await confirm(reset)).text, '{"token":["Invalid value"]}')
    test.advance(23 * 60 * MINUTE)
    assert.equal((await post('/api/users/registration/verify-email/', { key: proof.token })).status, 404)
  })

  it('say what is wrong with a new password only to somebody with a good token, and keep it good', async () => {
    const letter = await askForReset()
    const short = { new_password1: 'short', new_password2: 'short' }
    assert.equal((await confirm({ ...letter, token: 'x' }, short)).text, '{"token":["Invalid value"]}')
    assert.equal((await confirm({ ...letter, uid: '2' }, short)).text, '{"uid":["Invalid value"]}')
    assert.match((await confirm(letter, short)).text, /This password is too short/)
    assert.equal((await confirm(letter)).status, 200)
  })

  it('that reset a password are good for nothing once it was changed', async () => {
    const letter = await askForReset()
    await test.core.administration.setPassword(1, 'another password')
    assert.equal((await confirm(letter)).text, '{"token":["Invalid value"]}')
  })

  it('that prove an address do not reset a password', async () => {
    const proof = await nextLetter()
    assert.equal((await confirm(proof)).text, '{"token":["Invalid value"]}')
    const reset = await askForReset()
    assert.equal((await post('/api/users/registration/verify-email/', { key: reset.token })).status, 404)
  })

  it('go five times an hour to one address, known or not', async () => {
    for (const email of [EMAIL, 'nobody@example.com']) {
      const statuses: number[] = []
      for (let count = 0; count < 6; count++) {
        statuses.push((await post('/api/users/password/reset/', { email })).status)
      }
      assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429])
    }
  })

  it('are taken by one of several processes, and tried again when they could not be sent', async () => {
    const now = Date.now()
    const taken = await Promise.all(
      Array.from({ length: 8 }, () => test.store.takeDueLetters({ now, lease: MINUTE, limit: 20 })),
    )
    assert.equal(taken.flat().length, 1)
    assert.deepEqual(await test.store.takeDueLetters({ now: now + MINUTE - 1, lease: MINUTE, limit: 20 }), [])
    assert.equal((await test.store.takeDueLetters({ now: now + MINUTE, lease: MINUTE, limit: 20 }))[0]?.tries, 2)
  })

  it('leave no token in the database but its hash', async () => {
    const { token } = await askForReset()
    assert.equal(token.length, 43)
    assert.equal(JSON.stringify(await test.store.inspect()).includes(token), false)
    assert.equal(
      test.log.some((line) => line.includes(token)),
      false,
    )
  })
})

describe('without mail', () => {
  it('the routes that need letters are not there', async () => {
    const test = await startTestApp()
    for (const path of [
      'password/reset/',
      'password/reset/confirm/',
      'registration/verify-email/',
      'registration/resend-email/',
    ]) {
      const answer = await send(test, { method: 'POST', path: `/api/users/${path}`, json: { email: EMAIL } })
      assert.deepEqual([answer.status, answer.text], [404, '{"detail":"Not found."}'])
    }
    await test.close()
  })
})
