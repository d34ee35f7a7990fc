import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  type Client,
  ContractError,
  createDrfJwtClient,
  createDrfTokenClient,
  createExpressJwtClient,
  createLatchkeyClient,
  createSimpleJwtClient,
} from '../src/index.ts'
import { type LiveServer, startLiveServer } from './kit/live-server.ts'

const PASSWORD = 'Password123'
const LATER = /try again in \d+ seconds|Expected available in \d+ seconds|Retry-After/

describe('what a server says', () => {
  let server: LiveServer
  before(async () => {
    server = await startLiveServer()
  })
  after(() => server.close())

  const clients = () => {
    const options = { url: server.url }
    const [drfJwt, drfToken] = [createDrfJwtClient(options), createDrfTokenClient(options)]
    const [expressJwt, simpleJwt] = [createExpressJwtClient(options), createSimpleJwtClient(options)]
    const latchkey = createLatchkeyClient(options)
    const email = 'nobody@example.com'
    return {
      'drf-jwt': { client: drfJwt, logIn: () => drfJwt.login({ email, password: PASSWORD }) },
      'drf-token': { client: drfToken, logIn: () => drfToken.login({ email, password: PASSWORD }) },
      'express-jwt': { client: expressJwt, logIn: () => expressJwt.login({ email, password: PASSWORD }) },
      simplejwt: { client: simpleJwt, logIn: () => simpleJwt.login({ username: email, password: PASSWORD }) },
      v1: { client: latchkey, logIn: () => latchkey.login({ identifier: email, password: PASSWORD }) },
    } satisfies Record<string, { client: Client<unknown>; logIn: () => Promise<unknown> }>
  }

  it('to too many guesses has the time to wait, in every contract', async () => {
    for (let guess = 0; guess < 20; guess++) {
      await clients()
        ['drf-token'].logIn()
        .catch(() => {})
      // Every further guess doubles the wait, to far more than this test may take.
      if (guess >= 10) server.advance(900_000)
    }
    await clients()
      ['drf-token'].logIn()
      .catch(() => {})
    for (const [contract, { client, logIn }] of Object.entries(clients())) {
      await assert.rejects(logIn(), (error) => {
        assert.ok(client.isError(error))
        assert.equal(error.contract, contract)
        assert.equal(error.status, 429)
        assert.ok(error.retryAfter !== null && error.retryAfter > 0)
        assert.equal(String(error.retryAfter), error.headers.get('retry-after'))
        assert.ok(error.body !== null)
        assert.match(error.formErrors.join(), LATER)
        assert.deepEqual(error.fieldErrors, {})
        return true
      })
    }
  })

  it('is the error of one client and of no other', async () => {
    const all = Object.values(clients())
    for (const { client, logIn } of all) {
      const error = await logIn().catch((thrown: unknown) => thrown)
      assert.deepEqual(
        all.filter((other) => other.client.isError(error)).map((other) => other.client),
        [client],
      )
      assert.equal(client.isError(new Error()), false)
    }
  })

  it('in another voice than the contract’s can be shown all the same', async () => {
    const client = createDrfJwtClient({ url: server.url })
    await client.adopt({ access: 'none' })
    await assert.rejects(client.logout(), (error) => {
      assert.ok(error instanceof ContractError && client.isError(error))
      assert.equal(error.status, 401)
      assert.equal(error.body, null)
      assert.deepEqual(error.formErrors, ['This token is not valid, or its session has ended. Log in again.'])
      return true
    })
  })

  it('about fields is under their names, with every sentence', async () => {
    const client = createDrfTokenClient({ url: server.url })
    const input = { first_name: '', last_name: 'Doe', email: 'john', password1: 'short', password2: 'other' }
    await assert.rejects(client.register(input), (error) => {
      assert.ok(client.isError(error))
      assert.deepEqual(error.fieldErrors, error.body)
      assert.deepEqual(Object.keys(error.fieldErrors), ['first_name', 'email', 'password1', 'password2'])
      assert.deepEqual(error.formErrors, [])
      assert.equal(error.message, 'This field may not be blank.')
      return true
    })
  })

  it('in its letters leads back to it', async () => {
    const client = createDrfTokenClient({ url: server.url })
    const email = 'john.doe@example.com'
    const names = { first_name: 'John', last_name: 'Doe' }
    await client.register({ ...names, email, password1: PASSWORD, password2: PASSWORD })
    await server.core.deliverLetters()
    const key = server.letters.at(-1)?.token ?? ''
    assert.deepEqual(await client.verifyEmail({ key }), { detail: 'ok' })
    await client.resetPassword({ email })
    await server.core.deliverLetters()
    const { uid = '', token = '' } = server.letters.at(-1) ?? {}
    const passwords = { new_password1: 'Password456', new_password2: 'Password456' }
    assert.deepEqual(await client.confirmPasswordReset({ uid, token, ...passwords }), {
      detail: 'Password has been reset with the new password.',
    })
    await client.login({ email, password: 'Password456' })
    assert.equal((await client.session()).account.email_verified, true)
  })
})
