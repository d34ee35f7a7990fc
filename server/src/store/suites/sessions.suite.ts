import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOW, newLogin, newSession } from '../../../test/kit/new-rows.ts'
import { fresh, type Stores } from '../../../test/kit/stores.ts'

/** How sessions are opened, found and ended. */
export function sessionSuite({ store, other, add, addWithSession, race }: Stores): void {
  describe('openSession', () => {
    it('records the login, and is found by its id and its token', async () => {
      const account = await add()
      const session = newSession(account.id, { kind: 'key', tokenHash: fresh(), createdAt: NOW + 3 })
      assert.equal(await store.openSession(session, newLogin()), true)
      const stored = await store.findSession(session.id)
      assert.deepEqual(stored, {
        account: { ...account, lastLoginAt: NOW + 3 },
        session: {
          id: session.id,
          accountId: account.id,
          kind: 'key',
          contract: 'drf-token',
          createdAt: NOW + 3,
          expiresAt: session.expiresAt,
          client: { network: '192.0.2.1', userAgent: 'a browser' },
        },
        isCurrent: true,
      })
      assert.deepEqual(await store.findSessionByToken(session.tokenHash ?? ''), stored)
      assert.equal(await store.findSessionByToken(''), null)
    })

    it('keeps any number of sessions without a token, from loopback too', async () => {
      const { account, session } = await addWithSession({ network: null })
      await store.openSession(newSession(account.id), newLogin())
      assert.equal((await store.findSession(session.id))?.session.client.network, null)
    })

    it('refuses a stale credential version, a disabled account and no account', async () => {
      const account = await add()
      await store.replacePassword({ accountId: account.id, passwordHash: 'new', hasWeakPassword: false, now: NOW })
      assert.equal(await store.openSession(newSession(account.id), newLogin()), false)
      assert.equal(await store.openSession(newSession(account.id), newLogin(3)), false)
      assert.equal(await store.openSession(newSession(account.id), newLogin(2)), true)
      await store.setActive(account.id, false, NOW)
      assert.equal(await store.openSession(newSession(account.id), newLogin(2)), false)
      assert.equal(await store.openSession(newSession(account.id), newLogin(3)), false)
      assert.equal(await store.openSession(newSession(2 ** 31 - 1), newLogin()), false)
    })

    it('records no login that it refuses', async () => {
      const account = await add()
      await store.openSession(newSession(account.id, { createdAt: NOW + 9 }), newLogin(99))
      assert.equal((await store.findAccount({ by: 'id', id: account.id }))?.lastLoginAt, null)
    })

    it('leaves no session alive when a reset comes among 16 logins with the old password', async () => {
      const account = await add()
      const sessions = Array.from({ length: 16 }, () => newSession(account.id))
      const outcomes = await race(17, async (store, index) => {
        const session = sessions[index > 8 ? index - 1 : index]
        if (index === 8)
          return store.replacePassword({ accountId: account.id, passwordHash: 'new', hasWeakPassword: false, now: NOW })
        return session === undefined ? null : store.openSession(session, newLogin())
      })
      assert.equal(outcomes[8], 2)
      for (const { id } of sessions) assert.equal(await store.findSession(id), null)
    })
  })

  describe('endSession and endSessions', () => {
    it('tell of 16 concurrent callers exactly one true', async () => {
      const { session } = await addWithSession()
      const ended = await race(16, (store) => store.endSession(session.id))
      assert.equal(ended.filter(Boolean).length, 1)
      assert.equal(await store.findSession(session.id), null)
    })

    it('end the sessions of one account and say how many there were', async () => {
      const { account } = await addWithSession()
      await store.openSession(newSession(account.id), newLogin())
      const stranger = await addWithSession()
      assert.equal(await store.endSessions(account.id), 2)
      assert.equal(await store.endSessions(account.id), 0)
      assert.equal((await store.findSession(stranger.session.id))?.isCurrent, true)
    })
  })

  describe('listSessions', () => {
    it('lists live ones, newest first, of one account or of all, and no more than asked for', async () => {
      const account = await add()
      const old = newSession(account.id, { createdAt: NOW - 10, expiresAt: NOW + 10 })
      const over = newSession(account.id, { createdAt: NOW - 5, expiresAt: NOW })
      const recent = newSession(account.id, { createdAt: NOW - 1, expiresAt: NOW + 10 })
      for (const session of [old, over, recent]) await store.openSession(session, newLogin())
      const { session: strangers } = await addWithSession()
      const mine = await store.listSessions({ accountId: account.id, now: NOW, limit: 10 })
      assert.deepEqual(
        mine.map(({ id }) => id),
        [recent.id, old.id],
      )
      assert.equal((await store.listSessions({ accountId: account.id, now: NOW, limit: 1 })).length, 1)
      const all = await store.listSessions({ now: NOW, limit: 10_000 })
      assert.ok(all.some(({ id }) => id === strangers.id) && all.some(({ id }) => id === old.id))
      const times = all.map(({ createdAt }) => createdAt)
      assert.deepEqual(
        times,
        times.toSorted((a, b) => b - a),
      )
    })
  })

  describe('pruneSessions', () => {
    it('removes what ended before a time, and says how many', async () => {
      const account = await add()
      const [gone, edge] = [newSession(account.id, { expiresAt: 999 }), newSession(account.id, { expiresAt: 1000 })]
      for (const session of [gone, edge]) await store.openSession(session, newLogin())
      assert.equal(await store.pruneSessions(1000), 1)
      assert.equal(await store.findSession(gone.id), null)
      assert.notEqual(await store.findSession(edge.id), null)
      assert.equal(await store.pruneSessions(1000), 0)
    })
  })

  describe('endEverySession', () => {
    it('ends what every account had: sessions, tokens, letters, and logins that are under way', async () => {
      const { account, session } = await addWithSession()
      const { account: neighbour } = await addWithSession()
      const now = NOW
      const token = { tokenHash: fresh(), purpose: 'password_reset', accountId: account.id } as const
      await store.addOneTimeToken({ ...token, email: 'ada@example.com', expiresAt: now + 1000 })
      await store.addLetter({ purpose: 'password_reset', accountId: account.id, now })
      const ended = await other.endEverySession()
      assert.ok(ended.sessions >= 2 && ended.oneTimeTokens >= 1, JSON.stringify(ended))
      assert.equal(await store.findSession(session.id), null)
      assert.equal(await store.hasOneTimeToken({ ...token, now }), false)
      assert.deepEqual(await store.takeDueLetters({ now: now + 1, lease: 1, limit: 100 }), [])
      for (const { id } of [account, neighbour]) {
        assert.equal(await store.openSession(newSession(id), newLogin()), false)
        assert.equal(await store.openSession(newSession(id), newLogin(2)), true)
      }
    })
  })
}
