import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { moveIn, moveSessionsIn } from '../../../test/kit/legacy-tokens.ts'
import { NOW, newLogin, newSession } from '../../../test/kit/new-rows.ts'
import { fresh, type Stores } from '../../../test/kit/stores.ts'
import { isLegacySessionId, toLegacySessionId } from '../../core/legacy-session-id.ts'
import type { AdoptedSession, Store } from '../../core/ports.ts'

/** How tokens of a back end before become sessions, and end. */
export function legacySessionSuite({ store, other, race }: Stores): void {
  const passwords = { passwordHash: 'new', hasWeakPassword: false, now: NOW }

  /** A token of an account, as it is handed in. */
  function token(legacyId: string, change: Partial<AdoptedSession> = {}): AdoptedSession {
    const tokenHash = digest()
    return {
      id: toLegacySessionId(tokenHash),
      source: 'simplejwt',
      otherSource: 'default',
      legacyId,
      kind: 'pair',
      contract: 'simplejwt',
      tokenHash,
      createdAt: NOW,
      expiresAt: NOW + 1000,
      network: '192.0.2.1',
      userAgent: 'a browser',
      ...change,
    }
  }

  async function addOwner(source = 'default') {
    const legacyId = fresh()
    return { legacyId, accountId: await moveIn(store, { legacyId, source }) }
  }

  /** Adopts what has to be adopted. */
  async function adopt(session: AdoptedSession, on: Store = store) {
    const adoption = await on.adoptSession(session)
    assert.ok('stored' in adoption, JSON.stringify(adoption))
    return adoption
  }

  const refusalOf = async (session: AdoptedSession) => {
    const adoption = await store.adoptSession(session)
    return 'refused' in adoption ? adoption.refused : null
  }

  describe('adoptSession', () => {
    it('opens a session for a token at first sight, and finds it from then on', async () => {
      const { legacyId, accountId } = await addOwner()
      const session = token(legacyId)
      const { stored, isNew } = await adopt(session)
      assert.equal(isNew, true)
      assert.equal(isLegacySessionId(stored.session.id), true)
      const client = { network: '192.0.2.1', userAgent: 'a browser' }
      const { id, kind, contract, createdAt, expiresAt } = session
      assert.deepEqual(stored.session, { id, accountId, kind, contract, createdAt, expiresAt, client })
      assert.deepEqual([stored.account.id, stored.isCurrent], [accountId, true])
      assert.deepEqual(await adopt(session), { stored, isNew: false })
      assert.deepEqual(await store.findSessionByToken(session.tokenHash), stored)
      assert.deepEqual(await store.findSession(id), stored)
      assert.equal((await store.listSessions({ accountId, now: NOW, limit: 9 })).length, 1)
    })

    it('finds the account in its own source, or in the other', async () => {
      const { legacyId, accountId } = await addOwner()
      const source = fresh()
      assert.equal((await adopt(token(legacyId, { source }))).stored.account.id, accountId)
      const closer = await moveIn(store, { legacyId, source })
      assert.equal((await adopt(token(legacyId, { source }))).stored.account.id, closer)
      assert.equal((await adopt(token(legacyId, { source: fresh() }))).stored.account.id, accountId)
      assert.equal(await refusalOf(token(legacyId, { otherSource: fresh() })), 'unknown')
      assert.equal(await refusalOf(token(fresh())), 'unknown')
    })

    it('takes nobody for an account of another back end, once its own has been imported', async () => {
      const { legacyId } = await addOwner()
      const source = fresh()
      await moveIn(store, { legacyId: fresh(), source })
      assert.equal(await refusalOf(token(legacyId, { source })), 'unknown')
    })

    it('is told to 16 who bring one token at the same moment as new exactly once', async () => {
      const { legacyId, accountId } = await addOwner()
      const session = token(legacyId)
      const adoptions = await race(16, (store) => adopt(session, store))
      assert.equal(adoptions.filter(({ isNew }) => isNew).length, 1)
      assert.equal((await store.listSessions({ accountId, now: NOW, limit: 99 })).length, 1)
    })

    it('opens none for a token that was ended, however that came', async () => {
      const endings: Readonly<Record<string, (session: AdoptedSession, accountId: number) => Promise<unknown>>> = {
        endSession: ({ id }) => store.endSession(id),
        endSessions: (_, accountId) => store.endSessions(accountId),
        replacePassword: (_, accountId) => store.replacePassword({ accountId, ...passwords }),
        setActive: async (_, accountId) => {
          await store.setActive(accountId, false, NOW)
          await store.setActive(accountId, true, NOW)
        },
        endEverySession: () => store.endEverySession(),
      }
      for (const [name, end] of Object.entries(endings)) {
        const { legacyId, accountId } = await addOwner()
        const session = token(legacyId)
        await adopt(session)
        await end(session, accountId)
        assert.deepEqual(await store.adoptSession(session), { refused: 'revoked', accountId }, name)
        assert.equal(await store.findSessionByToken(session.tokenHash), null, name)
      }
    })

    it('opens none once the account takes no legacy tokens any more: a new password, its end, all sessions ended', async () => {
      const endings: Readonly<Record<string, (accountId: number) => Promise<unknown>>> = {
        endSessions: (accountId) => store.endSessions(accountId),
        replacePassword: (accountId) => store.replacePassword({ accountId, ...passwords }),
        endEverySession: () => store.endEverySession(),
      }
      for (const [name, end] of Object.entries(endings)) {
        const { legacyId, accountId } = await addOwner()
        await end(accountId)
        assert.equal(await refusalOf(token(legacyId)), 'revoked', name)
      }
      const { legacyId, accountId } = await addOwner()
      await store.setActive(accountId, false, NOW)
      assert.equal(await refusalOf(token(legacyId)), 'inactive')
      await store.setActive(accountId, true, NOW)
      assert.equal(await refusalOf(token(legacyId)), 'revoked')
      await store.deleteAccount(accountId)
      assert.equal(await refusalOf(token(legacyId)), 'unknown')
    })

    it('opens none for a token that its source had revoked', async () => {
      const { legacyId } = await addOwner()
      const session = token(legacyId)
      const { tokenHash, expiresAt } = session
      await moveSessionsIn(store, { revoked: [{ source: 'default', legacyId, tokenHash, expiresAt }] })
      assert.equal(await refusalOf(session), 'revoked')
    })

    it('finds a session that was moved in with the accounts', async () => {
      const { legacyId } = await addOwner()
      const session = token(legacyId)
      const { id, kind, contract, tokenHash, createdAt, expiresAt } = session
      const moved = { id, source: 'default', legacyId, kind, contract, tokenHash, createdAt, expiresAt }
      assert.deepEqual(await moveSessionsIn(store, { sessions: [moved] }), ['imported'])
      assert.equal((await adopt(session)).isNew, false)
    })

    it('never brings a session back that ends at the same moment', async () => {
      const endings: readonly ((store: Store, session: AdoptedSession, accountId: number) => Promise<unknown>)[] = [
        (store, { id }) => store.endSession(id),
        (store, _, accountId) => store.endSessions(accountId),
        (store, _, accountId) => store.replacePassword({ accountId, ...passwords }),
        (store, _, accountId) => store.setActive(accountId, false, NOW),
      ]
      for (const end of endings) {
        for (let round = 0; round < 3; round++) {
          const { legacyId, accountId } = await addOwner()
          const session = token(legacyId)
          await adopt(session)
          await race(8, (store, index) => (index === 3 ? end(store, session, accountId) : store.adoptSession(session)))
          const found = await store.findSessionByToken(session.tokenHash)
          assert.ok(found === null || !found.isCurrent, String(end))
          assert.notEqual(await refusalOf(session), null)
        }
      }
    })

    it('opens none for another token of the account after a new password, in whatever order they come', async () => {
      for (let round = 0; round < 5; round++) {
        const { legacyId, accountId } = await addOwner()
        const sessions = Array.from({ length: 7 }, () => token(legacyId))
        await race(8, async (store, index): Promise<unknown> => {
          const session = sessions[index]
          return session === undefined
            ? store.replacePassword({ accountId, ...passwords })
            : store.adoptSession(session)
        })
        assert.deepEqual(await store.listSessions({ accountId, now: NOW, limit: 99 }), [])
        for (const session of sessions) assert.notEqual(await refusalOf(session), null)
      }
    })
  })

  describe('endSession of a legacy token', () => {
    it('is told true to exactly one of 8', async () => {
      for (const change of [{}, { kind: 'jwt' }, { kind: 'jwt', contract: 'drf-jwt' }] as const) {
        const { legacyId } = await addOwner()
        const session = token(legacyId, change)
        await adopt(session)
        const ended = await race(8, (store) => store.endSession(session.id))
        assert.equal(ended.filter(Boolean).length, 1)
      }
    })

    it('ends with a refresh token the account’s access tokens, seen or not, and no other device’s refresh token', async () => {
      const { legacyId, accountId } = await addOwner()
      const [refresh, access, elsewhere] = [token(legacyId), token(legacyId, { kind: 'jwt' }), token(legacyId)]
      for (const session of [refresh, access, elsewhere]) await adopt(session)
      assert.equal(await other.endSession(refresh.id), true)
      assert.equal(await store.findSession(access.id), null)
      assert.equal(await refusalOf(token(legacyId, { kind: 'jwt' })), 'revoked')
      assert.equal((await store.findSession(elsewhere.id))?.isCurrent, true)
      assert.equal((await adopt(token(legacyId))).isNew, true)
      // What other contracts gave out is whole by itself.
      assert.equal((await adopt(token(legacyId, { kind: 'jwt', contract: 'drf-jwt' }))).isNew, true)
      assert.equal((await store.listSessions({ accountId, now: NOW, limit: 99 })).length, 3)
    })

    it('ends with an access token every refresh token that it may have come with, and nothing of ours', async () => {
      const { legacyId, accountId } = await addOwner()
      const [access, refresh] = [token(legacyId, { kind: 'jwt' }), token(legacyId)]
      for (const session of [access, refresh]) await adopt(session)
      const own = newSession(accountId, { kind: 'pair', contract: 'simplejwt', expiresAt: NOW + 1000 })
      assert.equal(await store.openSession(own, newLogin()), true)
      assert.equal(await store.endSession(access.id), true)
      assert.equal(await store.findSession(refresh.id), null)
      assert.equal(await refusalOf(token(legacyId)), 'revoked')
      assert.equal((await store.findSession(own.id))?.isCurrent, true)
    })

    it('ends with a key, or a token of a contract without pairs, nothing else', async () => {
      const { legacyId } = await addOwner()
      const one = token(legacyId, { kind: 'jwt', contract: 'express-jwt' })
      const another = token(legacyId, { kind: 'jwt', contract: 'express-jwt' })
      for (const session of [one, another]) await adopt(session)
      assert.equal(await store.endSession(one.id), true)
      assert.equal((await store.findSession(another.id))?.isCurrent, true)
      assert.equal((await adopt(token(legacyId, { kind: 'jwt', contract: 'express-jwt' }))).isNew, true)
    })
  })

  describe('findLegacyKey', () => {
    it('finds a session by any of the digests, and tells of one that was ended whose it was', async () => {
      const { legacyId, accountId } = await addOwner()
      const tokenHash = digest()
      const id = toLegacySessionId(tokenHash)
      const moved = { kind: 'key', contract: 'drf-token', createdAt: NOW, expiresAt: NOW + 1000 } as const
      await moveSessionsIn(store, { sessions: [{ id, source: 'default', legacyId, tokenHash, ...moved }] })
      const found = await store.findLegacyKey([digest(), tokenHash], NOW)
      assert.equal(found.stored?.session.id, id)
      assert.equal(await store.endSession(id), true)
      assert.deepEqual(await store.findLegacyKey([tokenHash], NOW), { stored: null, revokedOf: accountId })
      assert.deepEqual(await store.findLegacyKey([tokenHash], NOW + 1000), { stored: null, revokedOf: null })
      assert.deepEqual(await store.findLegacyKey([digest(), digest()], NOW), { stored: null, revokedOf: null })
    })
  })
}

/** Something that looks like a digest and is none. */
function digest(): string {
  return `${fresh()}${fresh()}`.replaceAll('-', '')
}
