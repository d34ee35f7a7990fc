import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { LOCAL, openEveryKind } from '../../test/kit/clients.ts'
import { LIGHT_HASHING } from '../../test/kit/hashing.ts'
import { createSharedDatabase } from '../../test/kit/postgres.ts'
import { makeService, postForm, type Service } from '../../test/kit/services.ts'
import { startTestApp, type TestApp } from '../../test/kit/start-test-app.ts'
import type { WireAnswer } from '../../test/kit/wire.ts'
import type { Authenticated } from '../core/account.ts'

describe('revocation', () => {
  let test: TestApp
  let service: Service
  let somebody: Authenticated
  let tokens: Awaited<ReturnType<typeof openEveryKind>>
  let count = 0

  before(async () => {
    test = await startTestApp({ config: LIGHT_HASHING })
    service = await makeService(test.core, { mayRevoke: true })
  })
  after(() => test.close())
  beforeEach(async () => {
    const password = 'correct horse battery staple'
    somebody = await test.core.register({ username: `somebody-${++count}`, password }, LOCAL)
    tokens = await openEveryKind(test.core, somebody)
  })

  const revoke = (token: string, more: Readonly<Record<string, string>> = {}) =>
    postForm(test, '/v1/revoke', { service, token, ...more })
  const isActive = async (token: string) => {
    const { json } = await postForm(test, '/v1/introspect', { service, token, token_type_hint: 'refresh_token' })
    return (json as { active: boolean }).active
  }
  const assertDone = (answer: WireAnswer) => assert.deepEqual([answer.status, answer.text], [200, ''])

  it('ends the session of a token of any kind, and every token of it, and no other session', async () => {
    const lives: readonly (readonly [string, readonly string[]])[] = [
      [tokens.key, [tokens.key]],
      [tokens.jwt, [tokens.jwt]],
      [tokens.access, [tokens.access, tokens.refresh]],
    ]
    for (const [index, [token, ended]] of lives.entries()) {
      assertDone(await revoke(token))
      for (const dead of ended) assert.equal(await isActive(dead), false)
      await assert.rejects(test.core.checkAccess(token, LOCAL), { code: 'invalid_access_token' })
      for (const [, others] of lives.slice(index + 1)) {
        for (const live of others) assert.equal(await isActive(live), true)
      }
    }
    const next = await openEveryKind(test.core, somebody)
    assertDone(await revoke(next.refresh, { token_type_hint: 'refresh_token' }))
    for (const dead of [next.refresh, next.access]) assert.equal(await isActive(dead), false)
    assert.equal(await isActive(next.key), true)
  })

  it('finds a token whatever the hint says', async () => {
    for (const [token, hint] of [
      [tokens.key, 'refresh_token'],
      [tokens.refresh, 'access_token'],
      [tokens.jwt, 'urn:example:else'],
    ] as const) {
      assertDone(await revoke(token, { token_type_hint: hint }))
      assert.equal(await isActive(token), false)
    }
  })

  it('answers alike to what is no live token, and records nothing', async () => {
    assertDone(await revoke(tokens.key))
    const before = test.audit.length
    for (const token of [tokens.key, 'x', '..', '0'.repeat(40), `${tokens.jwt}x`, '\0', 'é', service.secret]) {
      assertDone(await revoke(token))
    }
    test.advance(301_000)
    assertDone(await revoke(tokens.access))
    assert.equal(await isActive(tokens.refresh), true)
    assert.deepEqual(
      test.audit.slice(before).map(({ type }) => type),
      [],
    )
  })

  it('ends a session once, of 50 at the same moment, and all are told that it is over', async () => {
    for (const token of [tokens.key, tokens.access]) {
      const before = test.audit.length
      const answers = await Promise.all(Array.from({ length: 50 }, () => revoke(token)))
      for (const answer of answers) assertDone(answer)
      assert.deepEqual(
        test.audit.slice(before).map(({ type }) => type),
        ['session_ended'],
      )
    }
  })

  it('is told by the audit log with the service that asked', async () => {
    const { session } = await test.core.checkAccess(tokens.jwt, LOCAL)
    await revoke(tokens.jwt)
    await test.flushAudit()
    const [entry] = await test.core.administration.listAudit({ after: 0, limit: 1, isNewestFirst: true })
    assert.partialDeepStrictEqual(entry, {
      type: 'session_ended',
      actor: `service:${service.id}`,
      accountId: somebody.account.id,
      contract: 'oauth',
      detail: { session: session.id },
    })
  })

  it('is for services alone that may', async () => {
    const reader = await makeService(test.core)
    const answer = await postForm(test, '/v1/revoke', { service: reader, token: tokens.key })
    assert.equal(answer.status, 400)
    assert.partialDeepStrictEqual(answer.json, { error: 'unauthorized_client' })
    assert.equal(await isActive(tokens.key), true)
  })

  it('is refused at once to a service that another process deleted, though it was known a moment ago', async () => {
    const database = await createSharedDatabase()
    const open = () =>
      startTestApp({ config: { ...LIGHT_HASHING, sessionStaleness: 60_000 }, databaseUrl: database.url })
    const [here, there] = [await open(), await open()]
    const deleted = await makeService(here.core, { mayRevoke: true })
    const person = await here.core.register({ username: 'ada', password: 'correct horse battery staple' }, LOCAL)
    const { key } = await openEveryKind(here.core, person)
    await postForm(here, '/v1/introspect', { service: deleted, token: key })
    const client = await there.core.administration.findServiceClient(deleted.id)
    assert.ok(client !== null && (await there.core.administration.deleteServiceClient(client)))

    const asked = await postForm(here, '/v1/introspect', { service: deleted, token: key })
    assert.equal(asked.status, 200, 'whoever only asks may be answered for a while')
    assert.equal((await postForm(here, '/v1/revoke', { service: deleted, token: key })).status, 401)
    await here.core.checkAccess(key, LOCAL)
    for (const app of [here, there]) await app.close()
    await database.drop()
  })
})
