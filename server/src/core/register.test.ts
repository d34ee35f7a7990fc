import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { LOCAL, PASSWORD } from '../../test/kit/clients.ts'
import { LIGHT_HASHING } from '../../test/kit/hashing.ts'
import { startTestApp, type TestApp } from '../../test/kit/start-test-app.ts'
import type { AuthError, Problem } from './errors.ts'
import type { Registration } from './register.ts'

describe('register', () => {
  let test: TestApp
  before(async () => {
    test = await startTestApp({ config: LIGHT_HASHING })
  })
  after(() => test.close())

  const register = async (registration: Registration) =>
    (await test.core.register({ password: PASSWORD, ...registration }, LOCAL)).account
  const problemsOf = async (registration: Registration): Promise<readonly Problem[]> =>
    test.core.register({ password: PASSWORD, ...registration }, LOCAL).then(
      () => [],
      (error: AuthError) => {
        assert.equal(error.code, 'invalid_input')
        return error.problems
      },
    )

  it('makes an account that nothing in the registration could raise', async () => {
    const account = await register({ email: 'Ada@Example.com', wantsStaff: true, isActive: true })
    assert.equal(account.isStaff, false)
    assert.equal(account.emailVerified, false)
    assert.equal(account.email, 'Ada@Example.com')
    assert.match(account.subject, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    const events = test.audit.filter(({ accountId }) => accountId === account.id)
    assert.deepEqual(
      events.map(({ type }) => type),
      ['account_registered', 'privileged_field_ignored'],
    )
  })

  it('makes a disabled account when asked to, which cannot be given a session', async () => {
    const authenticated = await test.core.register({ username: 'off', password: PASSWORD, isActive: false }, LOCAL)
    assert.equal(authenticated.account.isActive, false)
    const request = { client: LOCAL, lifetime: 60 }
    await assert.rejects(test.core.openKeySession(authenticated, request), { code: 'account_disabled' })
  })

  it('takes a username that is an email address for the email too', async () => {
    const account = await register({ username: 'grace@example.com' })
    assert.equal(account.email, 'grace@example.com')
    const proved = await test.core.authenticate({
      identifier: 'GRACE@example.com',
      kinds: ['email'],
      password: PASSWORD,
      client: LOCAL,
    })
    assert.equal(proved.account.id, account.id)
  })

  it('says which fields are taken, whatever the letters and whichever kind of name has it', async () => {
    await register({ email: 'mary@example.com', username: 'mary' })
    assert.deepEqual(await problemsOf({ email: 'MARY@EXAMPLE.COM' }), [{ field: 'email', rule: 'taken' }])
    assert.deepEqual(await problemsOf({ username: 'ＭARY' }), [{ field: 'username', rule: 'taken' }])
    assert.deepEqual(await problemsOf({ username: 'mary@example.com' }), [{ field: 'username', rule: 'taken' }])
    assert.deepEqual(await problemsOf({ email: 'mary@example.com', username: 'Mary' }), [
      { field: 'email', rule: 'taken' },
      { field: 'username', rule: 'taken' },
    ])
  })

  it('answers everything at once: what is taken and what the door found', async () => {
    await register({ email: 'all@example.com' })
    const found: Problem = { field: 'password', rule: 'too_short', limit: 8 }
    const problems = await problemsOf({ email: 'all@example.com', password: undefined, problems: [found] })
    assert.deepEqual(problems, [{ field: 'email', rule: 'taken' }, found])
  })

  it('hashes nothing for a registration that is refused', async () => {
    const calls = test.hasherCalls.hash
    await problemsOf({ username: 'short', problems: [{ field: 'password', rule: 'too_short', limit: 8 }] })
    assert.equal(test.hasherCalls.hash, calls)
  })

  it('refuses what no database can keep, in every field, whichever door forgot to', async () => {
    const texts: readonly [string, Registration][] = [
      ['email', { email: 'a\0@example.com' }],
      ['username', { username: 'a\0' }],
      ['name', { username: 'n1', profile: { name: '\0' } }],
      ['first_name', { username: 'n2', profile: { firstName: '\0' } }],
      ['last_name', { username: 'n3', profile: { lastName: '\0' } }],
      ['phone_number', { username: 'n4', profile: { phoneNumber: '\0' } }],
    ]
    for (const [field, registration] of texts) {
      assert.deepEqual(await problemsOf(registration), [{ field, rule: 'null_character' }])
    }
    assert.deepEqual(await problemsOf({ username: '\ud800' }), [
      { field: 'username', rule: 'lone_surrogate', codeUnit: 0xd800 },
    ])
    assert.deepEqual(await problemsOf({ username: 'long', password: 'a'.repeat(1025) }), [
      { field: 'password', rule: 'too_long', limit: 1024 },
    ])
  })

  it('lets of 50 concurrent registrations of one name, in three spellings, exactly one win', async () => {
    const spellings = ['race@example.com', 'RACE@EXAMPLE.COM', 'Race@Example.com']
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => problemsOf({ email: spellings[index % 3] })),
    )
    assert.equal(outcomes.filter((problems) => problems.length === 0).length, 1)
    for (const problems of outcomes) {
      if (problems.length > 0) assert.deepEqual(problems, [{ field: 'email', rule: 'taken' }])
    }
  })

  it('lets only an operator make staff', async () => {
    const account = await test.core.administration.createAccount(
      { username: 'boss', password: PASSWORD, wantsStaff: false },
      { isStaff: true },
    )
    assert.equal(account.isStaff, true)
    assert.deepEqual(await test.core.administration.findAccount('BOSS'), account)
    assert.deepEqual(await test.core.administration.findAccount(String(account.id)), account)
  })

  it('refuses somebody else’s address as a username, in whatever spelling', async () => {
    for (const username of ['ceo@corp.example', 'ceo＠corp.example', 'CEO@CORP.example']) {
      await assert.rejects(register({ username, email: 'other@example.com' }), {
        problems: [{ field: 'username', rule: 'invalid_username' }],
      })
    }
    const own = await register({ username: 'Own＠corp.example', email: 'own@corp.example' })
    assert.equal(own.email, 'own@corp.example')
  })

  it('finds for an operator an id before a username that somebody chose to look like it', async () => {
    const first = await register({ username: 'first' })
    const digits = await register({ username: String(first.id) })
    assert.notEqual(digits.id, first.id)
    assert.equal((await test.core.administration.findAccount(String(first.id)))?.id, first.id)
    for (const text of ['', '0', '-1', '1e3', '99999999999999999999', 'nobody']) {
      assert.equal(await test.core.administration.findAccount(text), null, text)
    }
  })
})

describe('updateProfile', () => {
  it('makes a full name of a new first or last name, and keeps what it is not told', async (t) => {
    const test = await startTestApp({ config: LIGHT_HASHING })
    t.after(() => test.close())
    const authenticated = await test.core.register(
      {
        username: 'ada',
        email: 'ada@example.com',
        password: PASSWORD,
        profile: { name: 'Countess Ada' },
      },
      LOCAL,
    )
    const { key } = await test.core.openKeySession(authenticated, { client: LOCAL, lifetime: 60 })
    const access = await test.core.checkAccess(key, LOCAL)
    assert.deepEqual((await test.core.updateProfile(access, { client: LOCAL })).profile, authenticated.account.profile)
    const renamed = await test.core.updateProfile(access, { firstName: 'Ada', lastName: 'King', client: LOCAL })
    assert.equal(renamed.profile.name, 'Ada King')
    assert.equal((await test.core.updateProfile(access, { username: 'countess', client: LOCAL })).username, 'countess')
    await test.core.register({ username: 'ada', password: PASSWORD }, LOCAL)
    await assert.rejects(test.core.updateProfile(access, { username: 'ADA', client: LOCAL }), {
      code: 'invalid_input',
      problems: [{ field: 'username', rule: 'taken' }],
    })
    const proved = await test.core.authenticate({ identifier: 'ada@example.com', password: PASSWORD, client: LOCAL })
    assert.equal(proved.account.id, authenticated.account.id)
  })
})
