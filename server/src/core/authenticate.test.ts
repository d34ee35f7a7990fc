import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { LOCAL, PASSWORD, REMOTE } from '../../test/kit/clients.ts'
import { LIGHT_HASHING } from '../../test/kit/hashing.ts'
import { fixedRule } from '../../test/kit/rules.ts'
import { makeDirectory } from '../../test/kit/server-process.ts'
import { startTestApp, type TestApp } from '../../test/kit/start-test-app.ts'
import { DEFAULT_LIMITS } from './attempt-rules.ts'
import { AuthError, type AuthErrorCode } from './errors.ts'
import { normaliseIdentifier } from './identifier.ts'

/** The code with which something is refused. */
async function codeOf(work: Promise<unknown>): Promise<AuthErrorCode | 'nothing'> {
  try {
    await work
    return 'nothing'
  } catch (error) {
    assert.ok(error instanceof AuthError)
    return error.code
  }
}

describe('authenticate', () => {
  let test: TestApp
  let id: number
  before(async () => {
    test = await startTestApp({ config: LIGHT_HASHING, limits: null })
    const { account } = await test.core.register(
      { email: 'ada@example.com', username: 'Ada', password: PASSWORD },
      LOCAL,
    )
    id = account.id
    await test.core.register({ username: 'gone', password: PASSWORD, isActive: false }, LOCAL)
  })
  after(() => test.close())

  const login = (identifier: string, password = PASSWORD) =>
    test.core.authenticate({ identifier, password, client: LOCAL })

  it('takes every name of an account, in any letters', async () => {
    for (const name of ['ada@example.com', 'ADA@EXAMPLE.COM', 'ada', 'ＡDA']) {
      const { account, credentialVersion } = await login(name)
      assert.equal(account.id, id)
      assert.equal(credentialVersion, 1)
    }
  })

  it('takes only the kinds of name that the door takes', async () => {
    const asEmail = (identifier: string) =>
      test.core.authenticate({ identifier, kinds: ['email'], password: PASSWORD, client: LOCAL })
    assert.equal((await asEmail('ada@example.com')).account.id, id)
    assert.equal(await codeOf(asEmail('ada')), 'unknown_account')
  })

  it('refuses each failure by its name, and a disabled account only to somebody who knows its password', async () => {
    assert.equal(await codeOf(login('nobody')), 'unknown_account')
    assert.equal(await codeOf(login('ada', 'wrong')), 'wrong_password')
    assert.equal(await codeOf(login('gone', 'wrong')), 'wrong_password')
    assert.equal(await codeOf(login('gone')), 'account_disabled')
    assert.equal(await codeOf(login('ada', '')), 'wrong_password')
  })

  it('echoes the name as it was typed', async () => {
    await assert.rejects(login(' NoBody@Example.com '), { code: 'unknown_account', identifier: ' NoBody@Example.com ' })
  })

  it('knows no name that no database could keep, and does the same work for it', async () => {
    for (const identifier of ['a\0', 'ada\0', '\ud800']) {
      const calls = test.hasherCalls.verify
      assert.equal(await codeOf(login(identifier)), 'unknown_account')
      assert.equal(test.hasherCalls.verify - calls, 1)
    }
  })

  it('refuses a password that cannot be hashed faithfully, before any hashing', async () => {
    const calls = test.hasherCalls.verify
    assert.equal(await codeOf(login('ada', '\ud800')), 'invalid_input')
    assert.equal(await codeOf(login('ada', 'a'.repeat(1025))), 'invalid_input')
    assert.equal(test.hasherCalls.verify, calls)
  })

  it('does the same work for an unknown name, a wrong password and a disabled account', async () => {
    const cost = async (identifier: string, password: string) => {
      const calls = { ...test.hasherCalls }
      await codeOf(login(identifier, password))
      return { hash: test.hasherCalls.hash - calls.hash, verify: test.hasherCalls.verify - calls.verify }
    }
    for (const [wrong, verify] of [
      ['wrong', 1],
      [' wrong', 2],
      ['wrong\u0085', 2],
      ['\ufeffwrong', 1],
      ['', 1],
    ] as const) {
      for (const identifier of ['nobody', 'ada', 'gone', 'a\0']) {
        assert.deepEqual(await cost(identifier, wrong), { hash: 0, verify }, `${identifier} ${JSON.stringify(wrong)}`)
      }
    }
    assert.deepEqual(await cost('gone', PASSWORD), { hash: 0, verify: 1 })
  })

  it('takes a password as typed or stripped, and in that order', async () => {
    await test.core.register({ username: 'spaced', password: ` ${PASSWORD} ` }, LOCAL)
    assert.equal(await codeOf(login('ada', ` ${PASSWORD}\n`)), 'nothing')
    assert.equal(await codeOf(login('spaced', ` ${PASSWORD} `)), 'nothing')
    assert.equal(await codeOf(login('spaced')), 'wrong_password')
  })

  it('never signs in to an account without a password', async () => {
    await test.store.createAccount({
      subject: crypto.randomUUID(),
      email: null,
      username: 'bare',
      identifiers: [{ value: normaliseIdentifier('bare'), kind: 'username' }],
      profile: { name: '', firstName: '', lastName: '', phoneNumber: '' },
      isActive: true,
      isStaff: false,
      hasWeakPassword: false,
      passwordHash: null,
      credentialVersion: 1,
      createdAt: 0,
    })
    for (const password of ['', 'null', PASSWORD]) assert.equal(await codeOf(login('bare', password)), 'wrong_password')
  })

  it('is refused a session when the password was reset after it was proved', async () => {
    const { account } = await test.core.register({ username: 'reset', password: PASSWORD }, LOCAL)
    const proved = await login('reset')
    assert.equal(await test.core.administration.setPassword(account.id, 'another password'), true)
    const request = { client: LOCAL, lifetime: 60 }
    assert.equal(await codeOf(test.core.openKeySession(proved, request)), 'wrong_password')
    assert.equal(await codeOf(test.core.openJwtSession(proved, { ...request, claims: () => ({}) })), 'wrong_password')
    assert.equal(
      await codeOf(test.core.openPairSession(proved, { ...request, accessLifetime: 1, claims: () => ({}) })),
      'wrong_password',
    )
    assert.deepEqual(await test.core.administration.listSessions({ accountId: account.id, limit: 10 }), [])
  })

  it('is refused a session when the account was disabled after it was proved, or deleted', async () => {
    const { account } = await test.core.register({ username: 'late', password: PASSWORD }, LOCAL)
    const proved = await login('late')
    const request = { client: LOCAL, lifetime: 60 }
    await test.core.administration.setActive(account.id, false)
    assert.equal(await codeOf(test.core.openKeySession(proved, request)), 'account_disabled')
    await test.core.administration.setActive(account.id, true)
    assert.equal(await codeOf(test.core.openKeySession(proved, request)), 'wrong_password')
    await test.core.administration.deleteAccount(account.id)
    assert.equal(await codeOf(test.core.openKeySession(proved, request)), 'wrong_password')
  })
})

describe('a guess', () => {
  let test: TestApp
  before(async () => {
    test = await startTestApp({ config: LIGHT_HASHING })
    for (const username of ['one', 'two', 'three', 'four', 'five']) {
      await test.core.register({ username, password: PASSWORD }, LOCAL)
    }
  })
  after(() => test.close())

  const signIn = async (identifier: string, { password = PASSWORD, client = LOCAL } = {}) =>
    test.core.openKeySession(await test.core.authenticate({ identifier, password, client }), { client, lifetime: 60 })
  const guess = (identifier: string, { password = 'wrong', client = LOCAL } = {}) =>
    codeOf(signIn(identifier, { password, client }))
  const guessTimes = async (count: number, identifier: string, options?: Parameters<typeof guess>[1]) => {
    const codes: string[] = []
    for (let index = 0; index < count; index++) codes.push(await guess(identifier, options))
    return codes
  }

  it('is counted before it is hashed: of 200 at once ten are judged', async () => {
    const calls = test.hasherCalls.verify
    const codes = await Promise.all(Array.from({ length: 200 }, () => guess('one')))
    assert.equal(codes.filter((code) => code === 'wrong_password').length, 10)
    assert.equal(codes.filter((code) => code === 'too_many_attempts').length, 190)
    assert.equal(test.hasherCalls.verify - calls, 10)
  })

  it('is refused even when it is right, once the budget is used up, and says for how long', async () => {
    await guessTimes(10, 'two')
    await assert.rejects(signIn('two'), { code: 'too_many_attempts', retryAfter: 1 })
    test.advance(1000)
    assert.equal(await guess('two', { password: PASSWORD }), 'nothing')
    assert.deepEqual(
      await guessTimes(10, 'two'),
      Array.from({ length: 10 }, () => 'wrong_password'),
    )
  })

  it('at a name that nobody has is limited alike, whatever the letters', async () => {
    const budgets: number[] = []
    for (let name = 0; name < 16; name++) {
      const spellings = ['Nobody', 'NOBODY', 'nobody', 'ｎobody'].map((spelling) => `${spelling}-${name}`)
      const codes: string[] = []
      for (let index = 0; index < 12; index++) codes.push(await guess(spellings[index % 4] ?? ''))
      const budget = codes.indexOf('too_many_attempts')
      assert.deepEqual(
        codes,
        codes.map((_, index) => (index < budget ? 'unknown_account' : 'too_many_attempts')),
      )
      budgets.push(budget)
    }
    // Some as an account with a weak password, the others as one with a good one.
    assert.deepEqual(
      [...new Set(budgets)].toSorted((left, right) => left - right),
      [3, 10],
    )
  })

  it('is charged to its network too, and a success gives the network only its own attempt back', async () => {
    const client = { ...REMOTE, network: '203.0.113.9' }
    for (let index = 0; index < 59; index++) assert.equal(await guess(`x${index}`, { client }), 'unknown_account')
    for (let index = 0; index < 5; index++)
      assert.equal(await guess('three', { password: PASSWORD, client }), 'nothing')
    assert.equal(await guess('y', { client }), 'unknown_account')
    assert.equal(await guess('three', { password: PASSWORD, client }), 'too_many_attempts')
    assert.equal(await guess('three', { password: PASSWORD }), 'nothing')
    test.advance(5 * 60_000)
    assert.equal(await guess('three', { password: PASSWORD, client }), 'nothing')
  })

  it('of the old password counts as any other when the password is changed', async () => {
    const { session } = await signIn('four')
    const account = await test.core.administration.findAccount('four')
    assert.ok(account !== null)
    const change = (oldPassword: string) =>
      codeOf(
        test.core.changePassword(
          { account, session },
          {
            oldPassword,
            oldPasswordField: 'old',
            newPassword: 'the next one',
            newPasswordField: 'new',
            problems: [],
            client: LOCAL,
          },
        ),
      )
    for (let index = 0; index < 10; index++) assert.equal(await change('wrong'), 'invalid_input')
    assert.equal(await change(PASSWORD), 'too_many_attempts')
    assert.equal(await guess('four', { password: PASSWORD }), 'too_many_attempts')
  })

  it('is forgotten when an operator sets a new password', async () => {
    await guessTimes(11, 'five')
    const account = await test.core.administration.findAccount('five')
    await test.core.administration.setPassword(account?.id ?? 0, 'another password')
    assert.equal(await guess('five', { password: 'another password' }), 'nothing')
  })
})

describe('a login that cannot be hashed just now', () => {
  it('is overloaded, and gives its attempt back', async () => {
    const test = await startTestApp({
      config: { argon2: { memory: 65_536, passes: 4, lanes: 1 } },
      limits: { ...DEFAULT_LIMITS, account: fixedRule(150, 3_600_000), network: [] },
    })
    await test.core.register({ username: 'ada', password: PASSWORD }, LOCAL)
    const guess = () => codeOf(test.core.authenticate({ identifier: 'ada', password: 'wrong', client: LOCAL }))
    const codes = await Promise.all(Array.from({ length: 150 }, guess))
    const judged = codes.filter((code) => code === 'wrong_password').length
    const overloaded = codes.filter((code) => code === 'overloaded').length
    assert.equal(judged + overloaded, 150)
    assert.ok(overloaded > 0 && judged > 0, `${judged} judged`)
    const budget = {
      key: `account:${(await test.core.administration.findAccount('ada'))?.id}`,
      rule: fixedRule(150, 3_600_000),
    }
    let left = 0
    while ((await test.store.takeAttempts([budget], Date.now())).blocked === null) left++
    assert.equal(left, overloaded)
    await test.close()
  })

  it('keeps its attempt once one spelling was judged: that it is wrong would be told for nothing', async () => {
    const test = await startTestApp({
      config: { argon2: { memory: 65_536, passes: 4, lanes: 1 } },
      limits: { ...DEFAULT_LIMITS, account: fixedRule(150, 3_600_000), network: [] },
    })
    await test.core.register({ username: 'ada', password: PASSWORD }, LOCAL)
    const guess = () => codeOf(test.core.authenticate({ identifier: 'ada', password: 'wrong ', client: LOCAL }))
    const codes = await Promise.all(Array.from({ length: 150 }, guess))
    // Only who was told that the first spelling is wrong comes to the second.
    const judged = test.hasherCalls.verify - 150
    const finished = codes.filter((code) => code === 'wrong_password').length
    assert.ok(judged > finished, `${judged} judged, ${finished} of them to the end`)
    const [counter] = await test.store.listAttempts({ prefix: 'account:', limit: 1 })
    assert.equal(counter?.count, judged)
    await test.close()
  })
})

describe('raising the cost of hashing', () => {
  it('replaces each hash at the next login, once, and leaves sessions alone', async () => {
    const databaseUrl = `sqlite:${makeDirectory()}/latchkey.db`
    const old = await startTestApp({ databaseUrl, config: LIGHT_HASHING })
    const authenticated = await old.core.register({ username: 'ada', password: PASSWORD }, LOCAL)
    const opened = await old.core.openKeySession(authenticated, { client: LOCAL, lifetime: 60 })
    await old.close()

    const test = await startTestApp({ databaseUrl, config: { argon2: { memory: 16, passes: 2, lanes: 1 } } })
    const hash = async () => (await test.store.findCredentialById(authenticated.account.id))?.passwordHash ?? ''
    assert.match(await hash(), /^\$argon2id\$v=19\$m=8,t=1,p=1\$/)
    const login = (password = PASSWORD) => test.core.authenticate({ identifier: 'ada', password, client: LOCAL })
    assert.equal(await codeOf(login('wrong')), 'wrong_password')
    assert.equal(test.hasherCalls.hash, 0)
    const both = await Promise.all([login(` ${PASSWORD} `), login()])
    assert.deepEqual(
      both.map(({ credentialVersion }) => credentialVersion),
      [1, 1],
    )
    const raised = await hash()
    assert.match(raised, /^\$argon2id\$v=19\$m=16,t=2,p=1\$/)
    const calls = test.hasherCalls.hash
    await login()
    assert.equal(await hash(), raised)
    assert.equal(test.hasherCalls.hash, calls)
    assert.equal((await test.core.checkAccess(opened.key, LOCAL)).session.id, opened.session.id)
    await test.close()
  })
})
