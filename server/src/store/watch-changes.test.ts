import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { LOCAL, openEveryKind, PASSWORD } from '../../test/kit/clients.ts'
import { LIGHT_HASHING } from '../../test/kit/hashing.ts'
import { startTestApp, type TestApp } from '../../test/kit/start-test-app.ts'
import type { Authenticated } from '../core/account.ts'

const NOW = 1_700_000_000_000
const TOKEN_HASH = 'f'.repeat(64)

describe('what is remembered of a token', () => {
  let test: TestApp
  let person: Authenticated
  let token: string
  let count = 0
  before(async () => {
    test = await startTestApp({ config: { ...LIGHT_HASHING, sessionStaleness: 60_000 } })
  })
  after(() => test.close())
  beforeEach(async () => {
    const name = `somebody-${++count}`
    person = await test.core.register({ username: name, email: `${name}@example.com`, password: PASSWORD }, LOCAL)
    token = (await openEveryKind(test.core, person)).key
    await test.core.checkAccess(token, LOCAL)
    assert.ok(isKnown())
  })
  const isKnown = () => test.core.recallAccess(token) !== null

  it('is forgotten whatever becomes of an account, when the store comes back', async () => {
    const { id } = person.account
    const changes: readonly (() => Promise<unknown>)[] = [
      () => test.store.updateProfile({ accountId: id, firstName: 'Grace', now: NOW }),
      () => test.store.flagPassword(id, { passwordHash: 'x', hasWeakPassword: false }),
      () => test.store.setActive(id, true, NOW),
      () => test.store.endSessions(id),
    ]
    for (const change of changes) {
      await test.core.checkAccess(token, LOCAL)
      assert.ok(isKnown())
      await change()
      assert.equal(isKnown(), false, String(change))
    }
  })

  it('outlives what becomes of others', async () => {
    const other = await test.core.register({ username: `other-${count}`, password: PASSWORD }, LOCAL)
    const { session } = await test.core.checkAccess((await openEveryKind(test.core, other)).key, LOCAL)
    await test.store.endSession(session.id)
    await test.store.endSessions(other.account.id)
    await test.store.setActive(other.account.id, false, NOW)
    assert.ok(isKnown())
  })

  it('says at once that an address was proved, and cannot be washed away with proofs that are none', async () => {
    assert.equal(await test.core.verifyEmail('nonsense', LOCAL), false)
    assert.ok(isKnown(), 'strangers would have the database asked for every token')

    const { id, email } = person.account
    const proof = { tokenHash: TOKEN_HASH, purpose: 'email_verification', accountId: id, email: email ?? '' } as const
    await test.store.addOneTimeToken({ ...proof, expiresAt: NOW + 1000 })
    assert.equal(await test.store.redeemEmailVerification({ tokenHash: TOKEN_HASH, now: NOW }), id)
    assert.equal(isKnown(), false)
    assert.equal((await test.core.checkAccess(token, LOCAL)).account.emailVerified, true)
  })
})
