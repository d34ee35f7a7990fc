import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { LOGINS, loginOf, makePerson, tokenOf } from './kit/doors.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { sendFrom } from './kit/send-from.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import type { WireAnswer } from './kit/wire.ts'

const DAY = 86_400_000
const ADA = makePerson('ada')
const HOME = '198.51.100.7'
const ELSEWHERE = '203.0.113.99'
const STRANGERS = '203.0.113.5'
const CONFIG = { ...LIGHT_HASHING, mailUrl: 'file:///letters' }
const LOGIN = LOGINS.find(({ contract }) => contract === 'drf-token')

describe('an account whose guesses strangers have used up', () => {
  it('lets its owner in from a network where they signed in before, and from no other', async (t) => {
    const test = await start(t)
    assert.equal((await logIn(test, HOME)).status, 200)
    await useUp(test)
    assert.equal((await logIn(test, ELSEWHERE)).status, 429)
    assert.equal((await logIn(test, HOME)).status, 200)
    // That the owner was let in gives strangers nothing back.
    assert.equal((await guess(test, STRANGERS)).status, 429)
  })

  it('knows the whole /64 from which its owner signed in, at whatever door', async (t) => {
    const test = await start(t)
    for (const login of LOGINS) {
      const peer = `2001:db8:1:${LOGINS.indexOf(login) + 1}`
      assert.equal((await sendFrom(test, `${peer}::1`, loginOf(login, ADA.email, ADA.password))).status, login.opened)
    }
    await useUp(test)
    for (let index = 1; index <= LOGINS.length; index++) {
      assert.equal((await logIn(test, `2001:db8:1:${index}:ffff::9`)).status, 200)
    }
    assert.equal((await logIn(test, '2001:db8:1:99::1')).status, 429)
  })

  it('has one budget for all the networks that it knows together', async (t) => {
    const test = await start(t)
    for (const peer of [HOME, '198.51.100.8']) assert.equal((await logIn(test, peer)).status, 200)
    await useUp(test)
    await useUp(test, [HOME, '198.51.100.8'])
    for (const peer of [HOME, '198.51.100.8']) assert.equal((await logIn(test, peer)).status, 429)
  })

  it('knows a network for no other account', async (t) => {
    const test = await start(t)
    const eve = makePerson('eve')
    await test.core.administration.createAccount({ email: eve.email, password: eve.password }, { isStaff: false })
    assert.ok(LOGIN)
    assert.equal((await sendFrom(test, ELSEWHERE, loginOf(LOGIN, eve.email, eve.password))).status, 200)
    await useUp(test)
    assert.equal((await logIn(test, ELSEWHERE)).status, 429)
  })

  it('forgets a network 90 days after it was last used', async (t) => {
    const test = await start(t)
    await logIn(test, HOME)
    await logIn(test, '198.51.100.8')
    test.advance(89 * DAY)
    await logIn(test, HOME)
    test.advance(2 * DAY)
    await test.core.prune()
    await useUp(test)
    assert.equal((await logIn(test, '198.51.100.8')).status, 429)
    assert.equal((await logIn(test, HOME)).status, 200)
  })

  it('forgets every network but the one it was done from when its owner changes the password', async (t) => {
    const test = await start(t)
    await logIn(test, '198.51.100.8')
    const token = `Token ${tokenOf(await logIn(test, HOME))}`
    const json = { old_password: ADA.password, new_password1: ADA.password, new_password2: ADA.password }
    const answer = await sendFrom(test, HOME, { method: 'POST', path: '/api/users/password/change/', token, json })
    assert.equal(answer.status, 200)
    await useUp(test)
    assert.equal((await logIn(test, '198.51.100.8')).status, 429)
    assert.equal((await logIn(test, HOME)).status, 200)
  })

  it('forgets every network when its password is reset, or set by an operator', async (t) => {
    const changes: Record<string, (test: TestApp) => Promise<unknown>> = {
      reset,
      set: (test) => test.core.administration.setPassword(1, ADA.password),
    }
    for (const [name, change] of Object.entries(changes)) {
      const test = await start(t)
      await logIn(test, HOME)
      await change(test)
      await useUp(test)
      assert.equal((await logIn(test, HOME)).status, 429, name)
    }
  })

  it('may be guessed at again once its owner has set a new password by a letter', async (t) => {
    const test = await start(t)
    await logIn(test, HOME)
    await useUp(test, [HOME])
    await useUp(test)
    for (const peer of [HOME, ELSEWHERE]) assert.equal((await logIn(test, peer)).status, 429)
    await reset(test)
    for (const peer of [HOME, ELSEWHERE]) assert.equal((await logIn(test, peer)).status, 200)
  })

  it('never has more than 100 guesses in a row, by known and unknown networks together, before one a day is left', async (t) => {
    const test = await start(t)
    await logIn(test, HOME)
    let evaluated = 0
    for (const peer of [STRANGERS, HOME]) {
      for (let wait = 0; wait < DAY / 1000; ) {
        const answer = await guess(test, peer)
        if (answer.status === 400) evaluated++
        wait = Number(answer.headers['retry-after'] ?? 0)
        if (wait < DAY / 1000) test.advance(wait * 1000)
      }
    }
    assert.equal(evaluated, 100)
    test.advance(DAY - 1000)
    await test.core.prune()
    assert.equal((await guess(test, HOME)).status, 429)
    assert.equal((await guess(test, STRANGERS)).status, 400)
    assert.equal((await guess(test, STRANGERS)).headers['retry-after'], '86400')
  })
})

describe('how many guesses there are', () => {
  it('is three for a weak password, and for a third of the names that nobody has, so that three tell nothing', async (t) => {
    const test = await start(t)
    const names = Array.from({ length: 60 }, (_, index) => `nobody-${index}@example.com`)
    const budgets: number[] = []
    for (const [index, name] of names.entries()) budgets.push(await countGuesses(test, name, `10.0.${index}.1`))
    assert.deepEqual([...new Set(budgets)].toSorted(), [10, 3])
    const tight = budgets.filter((budget) => budget === 3).length
    assert.ok(tight > 5 && tight < 40, `${tight} of 60`)

    const weak = await test.core.administration.createAccount(
      { email: 'weak@example.com', password: 'password1' },
      { isStaff: false },
    )
    assert.ok(weak.hasWeakPassword)
    assert.equal(await countGuesses(test, 'weak@example.com', '10.1.0.1'), 3)
    assert.equal(await countGuesses(test, ADA.email, '10.1.0.2'), 10)
    // Always alike, or who comes back would learn it.
    test.advance(2 * DAY)
    await test.core.prune()
    for (const index of [0, 1, 2, 3, 4, 5]) {
      assert.equal(await countGuesses(test, names[index] ?? '', '10.2.0.1'), budgets[index])
      test.advance(300_000)
    }
  })

  it('is one a day after 50 in a row, for a name that nobody has too, however long nobody tries', async (t) => {
    const test = await start(t)
    for (const email of [ADA.email, ...['a', 'b', 'c', 'd'].map((name) => `nobody-${name}@example.com`)]) {
      for (let wait = 0; wait < DAY / 1000; test.advance(wait < DAY / 1000 ? wait * 1000 : 0)) {
        wait = Number((await guess(test, STRANGERS, email)).headers['retry-after'] ?? 0)
      }
      test.advance(30 * DAY)
      await test.core.prune()
      assert.equal(await countGuesses(test, email, ELSEWHERE), 1, email)
    }
    test.advance(366 * DAY)
    assert.ok((await test.core.prune()).attempts >= 4)
    assert.equal(await countGuesses(test, ADA.email, ELSEWHERE), 1)
  })

  it('does not grow when the clock goes back', async (t) => {
    const test = await start(t)
    for (let count = 0; count < 10; count++) await guess(test, STRANGERS)
    for (let hour = 0; hour < 5; hour++) {
      test.advance(-3_600_000)
      assert.equal((await guess(test, STRANGERS)).status, 429)
    }
    test.advance(5 * 3_600_000 + 1000)
    assert.equal((await guess(test, STRANGERS)).status, 400)
    assert.equal((await guess(test, STRANGERS)).status, 429)
  })
})

async function start(t: TestContext): Promise<TestApp> {
  const test = await startTestApp({ config: CONFIG })
  t.after(() => test.close())
  const { email, password } = ADA
  await test.core.administration.createAccount({ email, password }, { isStaff: false })
  return test
}

function guess(test: TestApp, peer: string, email = ADA.email): Promise<WireAnswer> {
  assert.ok(LOGIN)
  return sendFrom(test, peer, loginOf(LOGIN, email, 'a wrong guess'))
}

function logIn(test: TestApp, peer: string): Promise<WireAnswer> {
  assert.ok(LOGIN)
  return sendFrom(test, peer, loginOf(LOGIN, ADA.email, ADA.password))
}

/** Leaves a minute in which nobody is let in from where these guesses came. */
async function useUp(test: TestApp, peers: readonly string[] = [STRANGERS]): Promise<void> {
  for (let count = 0; count < 16; count++) {
    const peer = peers[count % peers.length] ?? STRANGERS
    assert.equal((await guess(test, peer)).status, 400)
    if (count >= 9 && count < 15) test.advance(1000 * 2 ** (count - 9))
  }
  for (const peer of peers) assert.equal((await guess(test, peer)).status, 429)
}

async function countGuesses(test: TestApp, email: string, peer: string): Promise<number> {
  assert.ok(LOGIN)
  for (let count = 0; ; count++) {
    const { status } = await sendFrom(test, peer, loginOf(LOGIN, email, 'a wrong guess'))
    if (status === 429) return count
  }
}

async function reset(test: TestApp): Promise<void> {
  const base = '/api/users/password/reset/'
  await sendFrom(test, ELSEWHERE, { method: 'POST', path: base, json: { email: ADA.email } })
  await test.core.deliverLetters()
  const letter = test.letters.at(-1)
  assert.ok(letter)
  const json = { uid: letter.uid, token: letter.token, new_password1: ADA.password, new_password2: ADA.password }
  const answer = await sendFrom(test, ELSEWHERE, { method: 'POST', path: `${base}confirm/`, json })
  assert.equal(answer.status, 200)
}
