import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { makePerson, REGISTRATIONS, registrationOf } from './kit/doors.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { createSharedDatabase } from './kit/postgres.ts'
import { runRawSql } from './kit/raw-sql.ts'
import { ask, startServerProcess } from './kit/server-process.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import { send, type WireAnswer } from './kit/wire.ts'

const SECRET = 'a secret that only tests have, 32+ long'
const NETWORK = '198.51.100.7'
const AGENT = 'a client of ours'
const EMAIL = 'ada@example.com'
const FIRST = 'Tangerine-4-umbrella'
const SECOND = 'Umbrella-5-tangerine'

describe('the audit log', () => {
  let test: TestApp
  let told = 0
  let key = ''
  before(async () => {
    const config = { ...LIGHT_HASHING, mailUrl: 'file:///letters', trustedProxies: ['127.0.0.1'] }
    test = await startTestApp({ config, secret: SECRET })
  })
  after(() => test.close())

  function request(method: string, path: string, json?: unknown, token?: string): Promise<WireAnswer> {
    const headers: Record<string, string> = { 'x-forwarded-for': NETWORK, 'user-agent': AGENT }
    if (token !== undefined) headers.authorization = `Token ${token}`
    return send(test, { method, path, headers, ...(json === undefined ? {} : { json }) })
  }
  const post = (path: string, json?: unknown, token?: string) => request('POST', path, json, token)
  const logIn = (password: string, email = EMAIL) => post('/api/users/login/', { email, password })

  /** What has been recorded since the last time, without what is the same in all of it. */
  async function nextEvents(contract: string | null = 'drf-token') {
    await test.flushAudit()
    const entries = await test.store.listAudit({ after: told, limit: 1000 })
    told += entries.length
    return entries.map((entry) => {
      assert.equal(entry.contract, contract)
      assert.equal(entry.network, contract === null ? null : NETWORK)
      assert.equal(entry.userAgent, contract === null ? null : AGENT)
      if (contract === null) assert.equal(entry.requestId, null)
      else assert.match(entry.requestId ?? '', /^[0-9a-f]{12}-[0-9a-z]+$/)
      const { session, ...detail } = entry.detail
      if (session !== undefined) assert.match(session, /^[0-9a-f-]{36}$/)
      return [entry.type, entry.actor, entry.accountId, detail]
    })
  }

  it('tells of a registration, and of rights that it asked for', async () => {
    const person = { email: EMAIL, first_name: 'Ada', last_name: 'L', password1: FIRST, password2: FIRST }
    assert.equal((await post('/api/users/registration/', { ...person, is_staff: true, role: 'admin' })).status, 201)
    assert.deepEqual(await nextEvents(), [
      ['account_registered', 'anonymous', 1, {}],
      ['privileged_field_ignored', 'anonymous', 1, { field: 'is_staff role' }],
    ])
  })

  it('tells of a sign-in, of one that failed and why, and of a name that nobody has as a pseudonym only', async () => {
    const { json } = await logIn(FIRST)
    key = (json as { key: string }).key
    await logIn('wrong')
    await logIn('wrong', 'My-secret-9@example.com')
    const [right, wrong, unknown] = await nextEvents()
    assert.deepEqual(right, ['login_succeeded', 'account:1', 1, {}])
    assert.deepEqual(wrong, ['login_failed', 'anonymous', 1, { reason: 'wrong_password' }])
    const [type, actor, accountId, detail] = unknown ?? []
    assert.deepEqual([type, actor, accountId], ['login_failed', 'anonymous', null])
    assert.match(JSON.stringify(detail), /^\{"reason":"unknown_account","name":"[0-9a-f]{16}"\}$/)
  })

  it('tells of a change of profile, and of rights that it asked for', async () => {
    assert.equal((await request('PATCH', '/api/users/user/', { first_name: 'Ida', is_superuser: 1 }, key)).status, 200)
    assert.deepEqual(await nextEvents(), [
      ['profile_changed', 'account:1', 1, { fields: 'firstName' }],
      ['privileged_field_ignored', 'account:1', 1, { field: 'is_superuser' }],
    ])
  })

  it('tells of a change of password and of one that failed', async () => {
    const change = (old_password: string, next: string) =>
      post('/api/users/password/change/', { old_password, new_password1: next, new_password2: next }, key)
    await change('wrong', SECOND)
    assert.equal((await change(FIRST, SECOND)).status, 200)
    assert.equal((await change(SECOND, 'Password1')).status, 200)
    assert.deepEqual(await nextEvents(), [
      ['password_change_failed', 'account:1', 1, { reason: 'wrong_password' }],
      ['password_changed', 'account:1', 1, {}],
      ['password_changed', 'account:1', 1, {}],
      ['weak_password_found', 'server', 1, {}],
    ])
  })

  it('tells of a sign-out, and of a key that is used after it, once a minute', async () => {
    assert.equal((await post('/api/users/logout/', undefined, key)).status, 200)
    for (let use = 0; use < 20; use++)
      assert.equal((await request('GET', '/api/users/user/', undefined, key)).status, 401)
    assert.deepEqual(await nextEvents(), [
      ['session_ended', 'account:1', 1, {}],
      ['revoked_token_used', 'anonymous', 1, { kind: 'key' }],
    ])
  })

  it('tells of a proof of an address, of letters that are asked for, and of what comes of them', async () => {
    await test.core.deliverLetters()
    const proof = test.letters.find(({ purpose }) => purpose === 'email_verification')
    await post('/api/users/registration/verify-email/', { key: proof?.token })
    await post('/api/users/password/reset/', { email: EMAIL })
    await post('/api/users/password/reset/', { email: 'nobody@example.com' })
    await test.core.deliverLetters()
    const letter = test.letters.find(({ purpose }) => purpose === 'password_reset')
    const reset = (token: string | undefined) =>
      post('/api/users/password/reset/confirm/', {
        uid: letter?.uid,
        token,
        new_password1: FIRST,
        new_password2: FIRST,
      })
    await reset('wrong')
    assert.equal((await reset(letter?.token)).status, 200)
    assert.deepEqual(await nextEvents(), [
      ['email_verified', 'account:1', 1, {}],
      ['password_reset_requested', 'anonymous', 1, {}],
      ['password_reset_requested', 'anonymous', null, {}],
      ['password_reset_failed', 'anonymous', 1, { reason: 'token' }],
      ['password_changed', 'account:1', 1, { by: 'letter' }],
    ])
  })

  it('tells of a used-up budget once a minute, whatever is tried', async () => {
    for (let guess = 0; guess < 60; guess++) await logIn('wrong', 'ghost@example.com')
    const events = await nextEvents()
    const throttled = events.filter(([type]) => type === 'throttled')
    assert.deepEqual(throttled, [['throttled', 'anonymous', null, { budget: 'name' }]])
    assert.ok(events.length <= 11)
  })

  it('tells what the operator did, and that it was the operator', async () => {
    const { administration } = test.core
    await logIn(FIRST)
    await nextEvents()
    await administration.setActive(1, false)
    await administration.setActive(1, true)
    await administration.setPassword(1, SECOND)
    await administration.revokeSessions(1)
    const made = await administration.createAccount({ username: 'bob', password: SECOND }, { isStaff: true })
    await administration.deleteAccount(made.id)
    await administration.revokeEverySession()
    administration.noteRestore({ madeAt: '2026-01-01T00:00:00.000Z' })
    assert.deepEqual(await nextEvents(null), [
      ['account_disabled', 'operator', 1, {}],
      ['account_enabled', 'operator', 1, {}],
      ['password_changed', 'operator', 1, { is_weak: 'false' }],
      ['sessions_ended', 'operator', 1, { count: '0' }],
      ['account_registered', 'operator', made.id, { is_staff: 'true' }],
      ['account_deleted', 'operator', made.id, {}],
      ['sessions_ended', 'operator', null, { of: 'everybody', count: '0' }],
      ['database_restored', 'operator', null, { made_at: '2026-01-01T00:00:00.000Z' }],
    ])
  })

  it('tells of which account’s session the operator ended', async () => {
    await logIn(SECOND)
    const [session] = await test.core.administration.listSessions({ accountId: 1, limit: 1 })
    await nextEvents()
    assert.ok(await test.core.administration.revokeSession(session?.id ?? ''))
    assert.deepEqual(await nextEvents(null), [['session_ended', 'operator', 1, {}]])
  })

  it('tells at every door where one can sign up by which it was, and of rights that were asked for', async () => {
    for (const [index, door] of REGISTRATIONS.entries()) {
      const { json, ...sent } = registrationOf(door, {
        ...makePerson(`person-${index}`),
        password: `${FIRST}-${index}`,
      })
      const rights = door.isStrict ? {} : { is_staff: true, is_superuser: true }
      const { status } = await post(sent.path, { ...json, ...rights })
      assert.equal(status, door.created)
      const types = (await nextEvents(door.contract)).map(([type, , , detail]) => [type, detail])
      assert.deepEqual(
        types.filter(([type]) => /registered|ignored/.test(String(type))),
        [
          ['account_registered', {}],
          ...(door.isStrict ? [] : [['privileged_field_ignored', { field: 'is_staff is_superuser' }]]),
        ],
      )
    }
  })

  it('is as it was written after all that', async () => {
    const { faults, entries } = await test.core.administration.verifyAudit()
    assert.deepEqual({ faults, entries }, { faults: [], entries: told })
  })

  it('finds entries by type, account, network and time', async () => {
    const list = (filter: object) => test.core.administration.listAudit({ after: 0, limit: 1000, ...filter })
    const all = await list({})
    const logins = await list({ types: ['login_succeeded', 'login_failed'] })
    assert.deepEqual(
      logins,
      all.filter(({ type }) => type.startsWith('login_')),
    )
    assert.deepEqual(
      await list({ accountId: 1 }),
      all.filter(({ accountId }) => accountId === 1),
    )
    assert.deepEqual(
      await list({ networks: [NETWORK] }),
      all.filter(({ network }) => network === NETWORK),
    )
    const middle = all[Math.floor(all.length / 2)]?.at ?? 0
    assert.deepEqual(
      await list({ since: middle }),
      all.filter(({ at }) => at >= middle),
    )
    assert.deepEqual(
      await list({ until: middle }),
      all.filter(({ at }) => at < middle),
    )
    assert.deepEqual(await list({ limit: 3, isNewestFirst: true }), all.slice(-3))
    assert.deepEqual(await list({ after: all.length - 2 }), all.slice(-2))
  })
})

describe('the audit log of two processes', () => {
  it('is one, without gap or fork, and one of them that is killed takes a moment of it at most', async () => {
    const { url, drop } = await createSharedDatabase()
    const env = { DATABASE_URL: url, LATCHKEY_SECRET: SECRET, LATCHKEY_ARGON2: 'm=19456,t=2,p=1' }
    const first = await startServerProcess(env)
    const second = await startServerProcess(env)
    const servers = [first, second]
    const logIn = (server: { url: string }, index: number) =>
      ask(`${server.url}/api/users/login/`, { json: { email: `nobody-${index}@example.com`, password: FIRST } })
    let judged = 0
    // Some may be told to come back later, where the machine is busy: those were not judged.
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => logIn(servers[index % 2] ?? first, index)),
    )
    judged += answers.filter(({ status }) => status === 400).length
    assert.ok(judged > 2)
    first.terminate()
    await first.ended
    const count = async () => {
      const rows = await runRawSql(url, "select request_id from audit_log where type = 'login_failed'")
      assert.equal(new Set(rows.map(({ request_id }) => request_id)).size, rows.length)
      return rows.length
    }
    for (const begun = performance.now(); (await count()) < judged && performance.now() - begun < 5000; ) await wait(50)
    assert.equal(await count(), judged, 'the one has ended in order, and the other has had its time')

    await logIn(second, 61)
    second.kill()
    await second.ended
    const left = (await count()) - judged
    assert.ok(left === 0 || left === 1)
    const test = await startTestApp({ databaseUrl: url, secret: SECRET })
    assert.deepEqual((await test.core.administration.verifyAudit()).faults, [])
    await test.close()
    await drop()
  })
})
