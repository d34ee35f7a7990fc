import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { HASH, NOW, newAccount, newSession } from '../../test/kit/new-rows.ts'
import { fixedRule } from '../../test/kit/rules.ts'
import { type AttemptRule, DEFAULT_LIMITS } from '../core/attempt-rules.ts'
import { AuthError } from '../core/errors.ts'
import { type Identifier, normaliseIdentifier } from '../core/identifier.ts'
import type { LetterPurpose } from '../core/mail.ts'
import type { NamedIdentifier, NewAccount, NewSession, Store } from '../core/ports.ts'
import type { OpenedStore } from './open.ts'

/**
 * What every database engine must hold to: each method of `Store` and what its doc comment promises, races included.
 *
 * @param name what the engine is called in the list of tests.
 * @param open opens an empty database of the suite's own.
 * @param openAgain opens the same database once more, as a second process would; absent where nobody else can see it.
 * @param racesOnBoth whether the two are asked at the same moment in races.
 * @param comesBack whether a caller who is told "not now" asks again, as clients are told to: an engine that lets
 *   everybody begin and undoes all but one gives up on somebody when very many want the same row.
 */
export function storeSuite(
  name: string,
  {
    open,
    openAgain,
    racesOnBoth = false,
    comesBack = false,
  }: {
    open: () => Promise<OpenedStore>
    openAgain?: () => Promise<OpenedStore>
    racesOnBoth?: boolean
    comesBack?: boolean
  },
): void {
  describe(`the store on ${name}`, () => {
    let store: Store
    let other: Store
    before(async () => {
      store = (await open()).store
      other = openAgain === undefined ? store : (await openAgain()).store
    })
    after(async () => {
      if (other !== store) await other.close()
      await store.close()
    })

    /** An account that is there, with its one name. */
    async function add(change: Partial<NewAccount> = {}) {
      const { account } = await store.createAccount(newAccount(change))
      assert.ok(account !== null)
      return account
    }

    /** An account with a live session. */
    async function addWithSession(change: Partial<NewSession> = {}) {
      const account = await add()
      const session = newSession(account.id, change)
      assert.equal(await store.openSession(session, 1), true)
      return { account, session }
    }

    /** `count` calls, begun together. */
    function race<Result>(count: number, call: (store: Store, index: number) => Promise<Result>): Promise<Result[]> {
      const second = racesOnBoth ? other : store
      return Promise.all(
        Array.from({ length: count }, async (_, index) => {
          for (;;) {
            try {
              return await call(index % 2 === 0 ? store : second, index)
            } catch (error) {
              if (!comesBack || !(error instanceof AuthError) || error.code !== 'overloaded') throw error
            }
          }
        }),
      )
    }

    describe('createAccount', () => {
      it('gives the account back exactly as it is found later', async () => {
        const given = newAccount({
          email: 'Ada@Example.com',
          username: 'Ada 🦊',
          identifiers: [named('ada@example.com', 'email'), named('ada 🦊', 'username')],
          profile: { name: 'Ada L', firstName: 'Ada', lastName: 'L', phoneNumber: '+4912345678' },
          isStaff: true,
        })
        const { account, taken } = await store.createAccount(given)
        assert.deepEqual(taken, [])
        assert.ok(account !== null)
        assert.deepEqual(account, {
          id: account.id,
          subject: given.subject,
          email: 'Ada@Example.com',
          username: 'Ada 🦊',
          emailVerified: false,
          profile: { name: 'Ada L', firstName: 'Ada', lastName: 'L', phoneNumber: '+4912345678' },
          isActive: true,
          isStaff: true,
          createdAt: NOW,
          updatedAt: NOW,
          lastLoginAt: null,
        })
        assert.ok(Number.isSafeInteger(account.id) && account.id > 0)
        assert.deepEqual(await store.findAccount({ by: 'id', id: account.id }), account)
        for (const { value } of given.identifiers) {
          assert.deepEqual(await store.findAccount({ by: 'identifier', identifier: value }), account)
        }
      })

      it('gives no account its hash', async () => {
        const account = await add({ passwordHash: 'a-hash-that-stays-inside' })
        assert.ok(!JSON.stringify(account).includes('a-hash-that-stays-inside'))
        assert.deepEqual(Object.keys(account).sort(), ACCOUNT_KEYS)
      })

      it('takes an account without any name, without a password, or disabled', async () => {
        const account = await add({ username: null, identifiers: [], passwordHash: null, isActive: false })
        assert.equal(account.isActive, false)
        assert.equal((await store.findCredentialById(account.id))?.passwordHash, null)
      })

      it('says which names are taken, and adds nothing', async () => {
        const first = newAccount()
        await store.createAccount(first)
        const count = (await store.inspect()).accounts
        const [name] = first.identifiers
        assert.ok(name !== undefined)
        const second = await store.createAccount(newAccount({ identifiers: [name] }))
        assert.deepEqual(second, { account: null, taken: [name.value] })
        assert.equal((await store.inspect()).accounts, count)
      })

      it('gives an account all its names or none', async () => {
        const [free, lost] = [named(fresh(), 'username'), named(`${fresh()}@example.com`, 'email')]
        await add({ identifiers: [lost] })
        const outcome = await store.createAccount(newAccount({ identifiers: [free, lost] }))
        assert.deepEqual(outcome, { account: null, taken: [lost.value] })
        assert.equal(await store.findAccount({ by: 'identifier', identifier: free.value }), null)
        await add({ identifiers: [free] })
      })

      it('keeps one namespace: what is an email of one account cannot be a username of another', async () => {
        const value = `${fresh()}@example.com`
        await add({ identifiers: [named(value, 'email')] })
        const outcome = await store.createAccount(newAccount({ identifiers: [named(value, 'username')] }))
        assert.equal(outcome.account, null)
      })

      it('lets of 50 concurrent callers with one name exactly one win', async () => {
        const name = named(fresh(), 'username')
        const outcomes = await race(50, (store) => store.createAccount(newAccount({ identifiers: [name] })))
        assert.equal(outcomes.filter(({ account }) => account !== null).length, 1)
        for (const { account, taken } of outcomes) assert.deepEqual(taken, account === null ? [name.value] : [])
      })

      it('lets of 50 concurrent callers that share either of two names never more than one hold each', async () => {
        const [left, right] = [named(fresh(), 'username'), named(fresh(), 'email')]
        const sets = [[left], [right], [left, right], [right, left]]
        const outcomes = await race(50, (store, index) =>
          store.createAccount(newAccount({ identifiers: sets[index % 4] ?? [] })),
        )
        const won = outcomes.flatMap(({ account }) => (account === null ? [] : [account.id]))
        const holders = await Promise.all([left, right].map(({ value }) => find(value)))
        assert.ok(won.length >= 1 && won.length <= 2)
        assert.deepEqual(new Set(holders), new Set(won))

        async function find(identifier: Identifier) {
          return (await store.findAccount({ by: 'identifier', identifier }))?.id
        }
      })

      it('never gives an id twice, even after the newest account is deleted', async () => {
        const first = await add()
        assert.equal(await store.deleteAccount(first.id), true)
        const second = await add()
        assert.ok(second.id > first.id)
      })
    })

    describe('findTaken', () => {
      it('names those that belong to somebody, in the order asked', async () => {
        const [a, b, c] = [named(fresh(), 'username'), named(fresh(), 'email'), named(fresh(), 'username')]
        await add({ identifiers: [a] })
        await add({ identifiers: [c] })
        assert.deepEqual(await store.findTaken([c.value, b.value, a.value]), [c.value, a.value])
        assert.deepEqual(await store.findTaken([]), [])
      })
    })

    describe('findCredential', () => {
      it('finds by the kinds of name that the door takes, and by no other', async () => {
        const [email, username] = [named(`${fresh()}@example.com`, 'email'), named(fresh(), 'username')]
        const account = await add({ identifiers: [email, username], passwordHash: 'h', credentialVersion: 7 })
        const credential = { account, passwordHash: 'h', credentialVersion: 7 }
        assert.deepEqual(await store.findCredential(email.value, ['email']), credential)
        assert.deepEqual(await store.findCredential(username.value, ['email', 'username']), credential)
        assert.equal(await store.findCredential(username.value, ['email']), null)
        assert.equal(await store.findCredential(email.value, ['username']), null)
        assert.equal(await store.findCredential(email.value, []), null)
        assert.deepEqual(await store.findCredentialById(account.id), credential)
      })

      it('finds nobody by a name that nobody has', async () => {
        assert.equal(await store.findCredential(normaliseIdentifier(fresh()), ['email', 'username']), null)
        assert.equal(await store.findCredentialById(2 ** 31 - 1), null)
        assert.equal(await store.findAccount({ by: 'id', id: 2 ** 31 - 1 }), null)
        assert.equal(await store.findAccount({ by: 'identifier', identifier: normaliseIdentifier('') }), null)
      })

      it('takes names literally: no wildcard, quote or other letter case matches', async () => {
        const value = fresh()
        await add({ identifiers: [named(value, 'username')] })
        for (const text of ['%', '_', `${value.slice(0, -1)}_`, `${value}' or '1'='1`, value.toUpperCase()]) {
          assert.equal(await store.findCredential(text as Identifier, ['email', 'username']), null, text)
        }
      })
    })

    describe('listAccounts', () => {
      it('pages through every account once, lowest id first', async () => {
        for (let index = 0; index < 5; index++) await add()
        const all = await store.listAccounts({ after: 0, limit: 10_000 })
        const ids = all.map(({ id }) => id)
        assert.deepEqual(
          ids,
          ids.toSorted((a, b) => a - b),
        )
        const paged: number[] = []
        for (;;) {
          const page = await store.listAccounts({ after: paged.at(-1) ?? 0, limit: 2 })
          if (page.length === 0) break
          assert.ok(page.length <= 2)
          paged.push(...page.map(({ id }) => id))
        }
        assert.deepEqual(paged, ids)
        assert.equal((await store.inspect()).accounts, ids.length)
      })
    })

    describe('upgradePasswordHash', () => {
      it('is compare-and-swap: nothing happens unless the hash is exactly the expected one', async () => {
        const { account, session } = await addWithSession()
        assert.equal(await store.upgradePasswordHash(account.id, 'another', 'stronger'), false)
        assert.equal((await store.findCredentialById(account.id))?.passwordHash, HASH)
        assert.equal(await store.upgradePasswordHash(account.id, HASH, 'stronger'), true)
        assert.equal((await store.findCredentialById(account.id))?.passwordHash, 'stronger')
        assert.equal((await store.findSession(session.id))?.isCurrent, true)
      })

      it('never undoes a password that was replaced meanwhile', async () => {
        const account = await add()
        await store.replacePassword({ accountId: account.id, passwordHash: 'new', now: NOW })
        assert.equal(await store.upgradePasswordHash(account.id, HASH, 'stronger'), false)
        assert.equal((await store.findCredentialById(account.id))?.passwordHash, 'new')
      })

      it('tells of 16 concurrent callers exactly one true', async () => {
        const account = await add()
        const swapped = await race(16, (store, index) => store.upgradePasswordHash(account.id, HASH, `new ${index}`))
        assert.equal(swapped.filter(Boolean).length, 1)
      })
    })

    describe('replacePassword', () => {
      it('ends every session of the account, and of nobody else', async () => {
        const { account, session } = await addWithSession()
        const second = newSession(account.id)
        await store.openSession(second, 1)
        const stranger = await addWithSession()
        assert.equal(await store.replacePassword({ accountId: account.id, passwordHash: 'new', now: NOW + 5 }), 2)
        assert.equal(await store.findSession(session.id), null)
        assert.equal(await store.findSession(second.id), null)
        assert.equal((await store.findSession(stranger.session.id))?.isCurrent, true)
        const credential = await store.findCredentialById(account.id)
        assert.equal(credential?.passwordHash, 'new')
        assert.equal(credential?.credentialVersion, 2)
        assert.equal(credential?.account.updatedAt, NOW + 5)
      })

      it('keeps the session that asked alive, and only that one', async () => {
        const { account, session } = await addWithSession()
        const second = newSession(account.id)
        await store.openSession(second, 1)
        await store.replacePassword({ accountId: account.id, passwordHash: 'new', keepSession: session.id, now: NOW })
        assert.equal((await store.findSession(session.id))?.isCurrent, true)
        assert.equal(await store.findSession(second.id), null)
      })

      it('does not take over a session of another account as the one to keep', async () => {
        const [mine, theirs] = [await addWithSession(), await addWithSession()]
        const keepSession = theirs.session.id
        await store.replacePassword({ accountId: mine.account.id, passwordHash: 'new', keepSession, now: NOW })
        assert.equal(await store.findSession(mine.session.id), null)
        const kept = await store.findSession(theirs.session.id)
        assert.equal(kept?.isCurrent, true)
        assert.equal(kept?.account.id, theirs.account.id)
      })

      it('does not bring back a session that disabling had ended', async () => {
        const { account, session } = await addWithSession()
        await store.setActive(account.id, false, NOW)
        await store.replacePassword({ accountId: account.id, passwordHash: 'new', keepSession: session.id, now: NOW })
        await store.setActive(account.id, true, NOW)
        assert.notEqual((await store.findSession(session.id))?.isCurrent, true)
      })

      it('does nothing when the version has moved on, or the account is gone', async () => {
        const { account, session } = await addWithSession()
        const change = { accountId: account.id, passwordHash: 'new', now: NOW }
        assert.equal(await store.replacePassword({ ...change, expectedVersion: 2 }), null)
        assert.equal((await store.findCredentialById(account.id))?.passwordHash, HASH)
        assert.equal((await store.findSession(session.id))?.isCurrent, true)
        assert.equal(await store.replacePassword({ ...change, expectedVersion: 1 }), 2)
        assert.equal(await store.replacePassword({ ...change, accountId: 2 ** 31 - 1 }), null)
      })

      it('lets of 16 concurrent callers with one expected version exactly one win', async () => {
        const account = await add()
        const versions = await race(16, (store, index) =>
          store.replacePassword({ accountId: account.id, passwordHash: `new ${index}`, expectedVersion: 1, now: NOW }),
        )
        assert.deepEqual(
          versions.filter((version) => version !== null),
          [2],
        )
      })

      it('counts up once for each of 16 concurrent callers without an expected version', async () => {
        const account = await add()
        const versions = await race(16, (store, index) =>
          store.replacePassword({ accountId: account.id, passwordHash: `new ${index}`, now: NOW }),
        )
        assert.deepEqual(
          versions.toSorted((a, b) => Number(a) - Number(b)),
          Array.from({ length: 16 }, (_, index) => index + 2),
        )
      })
    })

    describe('setActive', () => {
      it('disables at once, and says why to the sessions that were open', async () => {
        const { account, session } = await addWithSession()
        const disabled = await store.setActive(account.id, false, NOW + 7)
        assert.equal(disabled?.isActive, false)
        assert.equal(disabled?.updatedAt, NOW + 7)
        const stored = await store.findSession(session.id)
        assert.equal(stored?.account.isActive, false)
        assert.equal(stored?.isCurrent, false)
        assert.deepEqual(await store.listSessions({ accountId: account.id, now: NOW, limit: 10 }), [])
      })

      it('brings no old session back when it enables again', async () => {
        const { account, session } = await addWithSession({ kind: 'key', tokenHash: fresh() })
        await store.setActive(account.id, false, NOW)
        assert.equal((await store.setActive(account.id, true, NOW))?.isActive, true)
        assert.equal(await store.findSession(session.id), null)
        assert.equal(await store.findSessionByToken(session.tokenHash ?? ''), null)
        assert.equal(await store.openSession(newSession(account.id), 1), false)
        assert.equal(await store.openSession(newSession(account.id), 2), true)
      })

      it('leaves the sessions of an active account alone when it enables it', async () => {
        const { account, session } = await addWithSession()
        await store.setActive(account.id, true, NOW)
        assert.equal((await store.findSession(session.id))?.isCurrent, true)
      })

      it('gives null where there is no account', async () => {
        assert.equal(await store.setActive(2 ** 31 - 1, false, NOW), null)
      })
    })

    describe('updateProfile', () => {
      const names = { firstName: 'Grace', lastName: 'H' }

      it('changes the profile, and no name when none is given', async () => {
        const given = newAccount()
        const { account } = await store.createAccount(given)
        assert.ok(account !== null)
        const updated = await store.updateProfile({ accountId: account.id, ...names, now: NOW + 1 })
        const profile = { ...account.profile, ...names, name: 'Grace H' }
        assert.deepEqual(updated, { account: { ...account, profile, updatedAt: NOW + 1 }, taken: [] })
        const [name] = given.identifiers
        assert.equal((await store.findAccount({ by: 'identifier', identifier: name?.value ?? ID }))?.id, account.id)
      })

      it('loses neither of two changes of different names that arrive together', async () => {
        const account = await add()
        const changes = [{ firstName: 'Ada' }, { lastName: 'Lovelace' }]
        await race(2, (store, index) => store.updateProfile({ accountId: account.id, ...changes[index], now: NOW }))
        const { profile } = (await store.findAccount({ by: 'id', id: account.id })) ?? account
        assert.deepEqual([profile.firstName, profile.lastName, profile.name], ['Ada', 'Lovelace', 'Ada Lovelace'])
      })

      it('gives the old name free and takes the new one', async () => {
        const [old, next] = [named(fresh(), 'username'), named(fresh(), 'username')]
        const account = await add({ identifiers: [old] })
        const username = { shown: 'Next', identifiers: [next] }
        const updated = await store.updateProfile({ accountId: account.id, ...names, username, now: NOW })
        assert.equal(updated.account?.username, 'Next')
        assert.deepEqual(await store.findTaken([old.value, next.value]), [next.value])
      })

      it('takes a new spelling of the same name', async () => {
        const name = named(fresh(), 'username')
        const account = await add({ identifiers: [name] })
        const username = { shown: name.value.toUpperCase(), identifiers: [name] }
        const updated = await store.updateProfile({ accountId: account.id, ...names, username, now: NOW })
        assert.equal(updated.account?.username, name.value.toUpperCase())
      })

      it('takes a username away when it is empty', async () => {
        const name = named(fresh(), 'username')
        const account = await add({ identifiers: [name] })
        const username = { shown: '', identifiers: [] }
        const updated = await store.updateProfile({ accountId: account.id, ...names, username, now: NOW })
        assert.equal(updated.account?.username, null)
        assert.deepEqual(await store.findTaken([name.value]), [])
      })

      it('changes nothing at all when the new name is taken', async () => {
        const [mine, theirs] = [named(fresh(), 'username'), named(fresh(), 'username')]
        const account = await add({ identifiers: [mine] })
        await add({ identifiers: [theirs] })
        const username = { shown: 'x', identifiers: [theirs] }
        const updated = await store.updateProfile({ accountId: account.id, ...names, username, now: NOW + 9 })
        assert.deepEqual(updated, { account: null, taken: [theirs.value] })
        assert.deepEqual(await store.findAccount({ by: 'identifier', identifier: mine.value }), account)
      })

      it('gives a name that 16 accounts want at once to exactly one', async () => {
        const wanted = named(fresh(), 'username')
        const accounts = await Promise.all(Array.from({ length: 16 }, () => add()))
        const outcomes = await race(16, (store, index) =>
          store.updateProfile({
            accountId: accounts[index]?.id ?? 0,
            ...names,
            username: { shown: 'wanted', identifiers: [wanted] },
            now: NOW,
          }),
        )
        assert.equal(outcomes.filter(({ account }) => account !== null).length, 1)
        assert.equal(outcomes.filter(({ taken }) => taken.length === 1).length, 15)
      })

      it('gives neither an account nor a taken name where there is no account', async () => {
        const name = named(fresh(), 'username')
        const username = { shown: 'x', identifiers: [name] }
        const updated = await store.updateProfile({ accountId: 2 ** 31 - 1, ...names, username, now: NOW })
        assert.deepEqual(updated, { account: null, taken: [] })
        assert.deepEqual(await store.findTaken([name.value]), [])
      })
    })

    describe('deleteAccount', () => {
      it('takes names and sessions with it', async () => {
        const name = named(fresh(), 'username')
        const account = await add({ identifiers: [name] })
        const session = newSession(account.id)
        await store.openSession(session, 1)
        assert.equal(await store.deleteAccount(account.id), true)
        assert.equal(await store.findAccount({ by: 'id', id: account.id }), null)
        assert.deepEqual(await store.findTaken([name.value]), [])
        assert.equal(await store.findSession(session.id), null)
        assert.equal(await store.openSession(newSession(account.id), 1), false)
        await add({ identifiers: [name] })
      })

      it('tells of 16 concurrent callers exactly one true', async () => {
        const account = await add()
        const deleted = await race(16, (store) => store.deleteAccount(account.id))
        assert.equal(deleted.filter(Boolean).length, 1)
      })
    })

    describe('openSession', () => {
      it('records the login, and is found by its id and its token', async () => {
        const account = await add()
        const session = newSession(account.id, { kind: 'key', tokenHash: fresh(), createdAt: NOW + 3 })
        assert.equal(await store.openSession(session, 1), true)
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
        await store.openSession(newSession(account.id), 1)
        assert.equal((await store.findSession(session.id))?.session.client.network, null)
      })

      it('refuses a stale credential version, a disabled account and no account', async () => {
        const account = await add()
        await store.replacePassword({ accountId: account.id, passwordHash: 'new', now: NOW })
        assert.equal(await store.openSession(newSession(account.id), 1), false)
        assert.equal(await store.openSession(newSession(account.id), 3), false)
        assert.equal(await store.openSession(newSession(account.id), 2), true)
        await store.setActive(account.id, false, NOW)
        assert.equal(await store.openSession(newSession(account.id), 2), false)
        assert.equal(await store.openSession(newSession(account.id), 3), false)
        assert.equal(await store.openSession(newSession(2 ** 31 - 1), 1), false)
      })

      it('records no login that it refuses', async () => {
        const account = await add()
        await store.openSession(newSession(account.id, { createdAt: NOW + 9 }), 99)
        assert.equal((await store.findAccount({ by: 'id', id: account.id }))?.lastLoginAt, null)
      })

      it('leaves no session alive when a reset comes among 16 logins with the old password', async () => {
        const account = await add()
        const sessions = Array.from({ length: 16 }, () => newSession(account.id))
        const outcomes = await race(17, async (store, index) => {
          const session = sessions[index > 8 ? index - 1 : index]
          if (index === 8) return store.replacePassword({ accountId: account.id, passwordHash: 'new', now: NOW })
          return session === undefined ? null : store.openSession(session, 1)
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
        await store.openSession(newSession(account.id), 1)
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
        for (const session of [old, over, recent]) await store.openSession(session, 1)
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
        for (const session of [gone, edge]) await store.openSession(session, 1)
        assert.equal(await store.pruneSessions(1000), 1)
        assert.equal(await store.findSession(gone.id), null)
        assert.notEqual(await store.findSession(edge.id), null)
        assert.equal(await store.pruneSessions(1000), 0)
      })
    })

    describe('takeAttempts', () => {
      const rule = fixedRule(3, 1000)
      const take = async (key: string, now: number, by: AttemptRule = rule) =>
        (await store.takeAttempts([{ key, rule: by }], now)).blockedUntil

      it('lets of 200 concurrent callers exactly `limit` through', async () => {
        const budget = { key: fresh(), rule: { ...rule, limit: 10 } }
        const taken = await race(200, (store) => store.takeAttempts([budget], NOW))
        assert.equal(taken.filter(({ blockedUntil }) => blockedUntil === null).length, 10)
        for (const { blockedUntil } of taken) assert.ok(blockedUntil === null || blockedUntil === NOW + 1000)
      })

      it('lets of 200 concurrent callers exactly ten through by the rule of accounts', async () => {
        const budget = { key: fresh(), rule: DEFAULT_LIMITS.account }
        const taken = await race(200, (store) => store.takeAttempts([budget], NOW))
        assert.equal(taken.filter(({ blockedUntil }) => blockedUntil === null).length, 10)
      })

      it('counts against every budget or against none', async () => {
        const [wide, narrow] = [
          { key: fresh(), rule },
          { key: fresh(), rule: { ...rule, limit: 1 } },
        ]
        assert.deepEqual(await store.takeAttempts([wide, narrow], NOW), { blockedUntil: null })
        for (let index = 0; index < 5; index++) {
          assert.deepEqual(await store.takeAttempts([wide, narrow], NOW), { blockedUntil: NOW + 1000 })
        }
        assert.equal(await take(wide.key, NOW), null)
        assert.equal(await take(wide.key, NOW), null)
        assert.equal(await take(wide.key, NOW), NOW + 1000)
      })

      it('holds all-or-nothing among 100 concurrent callers that share one budget of two', async () => {
        const shared = { key: fresh(), rule: { ...rule, limit: 7 } }
        const own = Array.from({ length: 10 }, () => ({ key: fresh(), rule: { ...rule, limit: 3 } }))
        const outcomes = await race(100, async (store, index) => {
          const mine = own[index % 10] ?? shared
          return { mine, ...(await store.takeAttempts([mine, shared], NOW)) }
        })
        const passed = outcomes.filter(({ blockedUntil }) => blockedUntil === null)
        assert.equal(passed.length, 7)
        for (const budget of own) {
          const used = passed.filter(({ mine }) => mine === budget).length
          for (let index = used; index < 3; index++) assert.equal(await take(budget.key, NOW, budget.rule), null)
          assert.notEqual(await take(budget.key, NOW, budget.rule), null)
        }
      })

      it('says until when the longest of several budgets is blocked', async () => {
        const [short, long] = [
          { key: fresh(), rule: { ...rule, limit: 1 } },
          { key: fresh(), rule: { ...rule, limit: 1, window: 9000 } },
        ]
        await store.takeAttempts([short, long], NOW)
        assert.deepEqual(await store.takeAttempts([short, long], NOW + 1), { blockedUntil: NOW + 9000 })
      })

      it('starts a fixed window again when it is over, and not a millisecond before', async () => {
        const key = fresh()
        for (let index = 0; index < 3; index++) assert.equal(await take(key, NOW + index), null)
        assert.equal(await take(key, NOW + 999), NOW + 1000)
        for (let index = 0; index < 3; index++) assert.equal(await take(key, NOW + 1000), null)
        assert.equal(await take(key, NOW + 1001), NOW + 2000)
      })

      it('starts a window again that ended unused', async () => {
        const key = fresh()
        await take(key, NOW)
        await take(key, NOW)
        for (let index = 0; index < 3; index++) assert.equal(await take(key, NOW + 5000), null)
        assert.equal(await take(key, NOW + 5000), NOW + 6000)
      })

      it('doubles the wait from one second to fifteen minutes, and starts again after a quiet day', async () => {
        const key = fresh()
        const { account } = DEFAULT_LIMITS
        let now = NOW
        for (let index = 0; index < 10; index++) assert.equal(await take(key, now, account), null)
        const waits: number[] = []
        for (let index = 0; index < 13; index++) {
          const blockedUntil = (await take(key, now, account)) ?? 0
          waits.push(blockedUntil - now)
          assert.equal(await take(key, blockedUntil - 1, account), blockedUntil)
          now = blockedUntil
          assert.equal(await take(key, now, account), null)
        }
        assert.deepEqual(
          waits.map((wait) => wait / 1000),
          [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900],
        )
        now += 86_400_000
        for (let index = 0; index < 10; index++) assert.equal(await take(key, now, account), null)
        assert.equal(await take(key, now, account), now + 1000)
      })

      it('leaves one attempt a day after a hundred in a row, however long the pause', async () => {
        const key = fresh()
        const { account } = DEFAULT_LIMITS
        let now = NOW
        for (let count = 1; count <= 100; count++) {
          now = (await take(key, now, account)) ?? now
          if (count > 10) assert.equal(await take(key, now, account), null)
        }
        for (let day = 0; day < 3; day++) {
          const blockedUntil = await take(key, now, account)
          assert.equal(blockedUntil, now + 86_400_000)
          now = blockedUntil
          assert.equal(await take(key, now, account), null)
        }
      })

      it('shares its counters with every other process', async () => {
        const budget = { key: fresh(), rule }
        for (const each of [store, other, store]) {
          assert.deepEqual(await each.takeAttempts([budget], NOW), { blockedUntil: null })
        }
        for (const each of [store, other]) {
          assert.deepEqual(await each.takeAttempts([budget], NOW), { blockedUntil: NOW + 1000 })
        }
        await other.settleAttempts({ release: [], clear: [budget.key] })
        assert.deepEqual(await store.takeAttempts([budget], NOW), { blockedUntil: null })
      })
    })

    describe('settleAttempts', () => {
      const rule = fixedRule(2, 1000)
      const isTaken = async (key: string) => (await store.takeAttempts([{ key, rule }], NOW)).blockedUntil !== null

      it('gives one attempt back, and unblocks a budget that is no longer used up', async () => {
        const budget = { key: fresh(), rule }
        assert.equal(await isTaken(budget.key), false)
        assert.equal(await isTaken(budget.key), false)
        assert.equal(await isTaken(budget.key), true)
        await store.settleAttempts({ release: [budget], clear: [] })
        assert.equal(await isTaken(budget.key), false)
        assert.equal(await isTaken(budget.key), true)
      })

      it('never counts below zero', async () => {
        const budget = { key: fresh(), rule }
        assert.equal(await isTaken(budget.key), false)
        for (let index = 0; index < 5; index++) await store.settleAttempts({ release: [budget], clear: [] })
        assert.equal(await isTaken(budget.key), false)
        assert.equal(await isTaken(budget.key), false)
        assert.equal(await isTaken(budget.key), true)
      })

      it('forgets what it is told to clear, and nothing else', async () => {
        const [cleared, kept] = [fresh(), fresh()]
        for (const key of [cleared, cleared, kept, kept]) await isTaken(key)
        await store.settleAttempts({ release: [], clear: [cleared] })
        assert.equal(await isTaken(cleared), false)
        assert.equal(await isTaken(kept), true)
      })

      it('releases one and clears another in one step, and takes an empty change', async () => {
        const [released, cleared] = [{ key: fresh(), rule }, fresh()]
        for (const key of [released.key, released.key, cleared, cleared]) await isTaken(key)
        await store.settleAttempts({ release: [released], clear: [cleared] })
        await store.settleAttempts({ release: [], clear: [] })
        assert.equal(await isTaken(released.key), false)
        assert.equal(await isTaken(released.key), true)
        assert.equal(await isTaken(cleared), false)
      })

      it('gives back every one of 50 attempts that are released at once', async () => {
        const budget = { key: fresh(), rule: { ...rule, limit: 50 } }
        await race(50, (store) => store.takeAttempts([budget], NOW))
        await race(50, (store) => store.settleAttempts({ release: [budget], clear: [] }))
        const taken = await race(60, (store) => store.takeAttempts([budget], NOW))
        assert.equal(taken.filter(({ blockedUntil }) => blockedUntil === null).length, 50)
      })
    })

    describe('pruneAttempts', () => {
      it('removes counters untouched since a time, but never one that still blocks', async () => {
        const [idle, blocking, recent] = [fresh(), fresh(), fresh()]
        const day = 86_400_000
        const take = async (key: string, now: number, window: number, limit: number) =>
          (await store.takeAttempts([{ key, rule: fixedRule(limit, window) }], now)).blockedUntil
        await take(idle, 1000, 10 * day, 2)
        await take(blocking, 1000, 10 * day, 1)
        await take(recent, 5 * day, 10 * day, 2)
        assert.equal(await store.pruneAttempts(3 * day, { prefix: 'nothing', from: 1 }), 1)
        assert.equal(await take(blocking, 3 * day, 10 * day, 1), 1000 + 10 * day)
        assert.equal(await take(recent, 5 * day, 10 * day, 2), null)
        assert.notEqual(await take(recent, 5 * day, 10 * day, 2), null)
        assert.equal(await store.pruneAttempts(3 * day, { prefix: 'nothing', from: 1 }), 0)
      })
    })

    describe('pruneAttempts, told to keep some', () => {
      it('leaves those that begin so and have come so far, however old', async () => {
        const keys = ['kept:', 'other:'].map((prefix) => `${prefix}${fresh()}`)
        for (const key of keys) {
          const budget = { key, rule: fixedRule(10, 1000) }
          for (let count = 0; count < 3; count++) await store.takeAttempts([budget], 1000)
        }
        const later = 1_000_000
        assert.equal(await store.pruneAttempts(later, { prefix: 'kept:', from: 3 }), 1)
        assert.equal(await store.pruneAttempts(later, { prefix: 'kept:', from: 4 }), 1)
      })
    })

    describe('letters', () => {
      it('that are due go to one caller each, and come back after a lease that doubles', async () => {
        const account = await add()
        for (let index = 0; index < 5; index++) {
          await store.addLetter({ purpose: 'password_reset', accountId: index === 0 ? null : account.id, now: NOW })
        }
        const taken = (await race(8, (store) => store.takeDueLetters({ now: NOW, lease: 100, limit: 2 }))).flat()
        assert.equal(taken.length, 5)
        assert.equal(new Set(taken.map(({ id }) => id)).size, 5)
        assert.deepEqual(
          taken
            .map(({ accountId, purpose, tries }) => ({ accountId, purpose, tries }))
            .filter((l) => l.accountId === null),
          [{ accountId: null, purpose: 'password_reset', tries: 1 }],
        )
        const take = (now: number) => store.takeDueLetters({ now, lease: 100, limit: 10 })
        assert.deepEqual(await take(NOW + 99), [])
        const again = await take(NOW + 100)
        assert.deepEqual(new Set(again.map(({ tries }) => tries)), new Set([2]))
        assert.deepEqual(await take(NOW + 299), [])
        for (const { id } of again) await store.removeLetter(id)
        assert.deepEqual(await take(NOW + 10 ** 9), [])
      })

      it('go with their account', async () => {
        const account = await add()
        await store.addLetter({ purpose: 'email_verification', accountId: account.id, now: NOW })
        await store.deleteAccount(account.id)
        assert.deepEqual(await store.takeDueLetters({ now: NOW, lease: 100, limit: 10 }), [])
      })
    })

    describe('a one-time token', () => {
      async function addToken(purpose: LetterPurpose = 'password_reset') {
        const email = `${fresh()}@example.com`
        const account = await add({ email, identifiers: [named(email, 'email')] })
        const token = { tokenHash: fresh(), purpose, accountId: account.id, email, expiresAt: NOW + 1000 }
        await store.addOneTimeToken(token)
        return { account, token, tokenHash: token.tokenHash, accountId: account.id }
      }

      it('is there for its own purpose, account and time alone', async () => {
        const { token } = await addToken()
        const { tokenHash, purpose, accountId } = token
        const has = (change: object = {}) =>
          store.hasOneTimeToken({ tokenHash, purpose, accountId, now: NOW, ...change })
        assert.equal(await has(), true)
        assert.equal(await has({ now: NOW + 999 }), true)
        for (const change of [
          { now: NOW + 1000 },
          { purpose: 'email_verification' },
          { accountId: accountId + 1 },
          { tokenHash: fresh() },
        ]) {
          assert.equal(await has(change), false, JSON.stringify(change))
        }
      })

      it('resets a password once, of 16 concurrent callers, and ends all that was open', async () => {
        const { account, tokenHash, accountId, token } = await addToken()
        const session = newSession(accountId)
        await store.openSession(session, 1)
        const second = { ...token, tokenHash: fresh() }
        await store.addOneTimeToken(second)
        const redeemed = await race(16, (store, index) =>
          store.redeemPasswordReset({ tokenHash, accountId, passwordHash: `new ${index}`, now: NOW + 5 }),
        )
        assert.equal(redeemed.filter(Boolean).length, 1)
        const credential = await store.findCredentialById(accountId)
        assert.equal(credential?.passwordHash, `new ${redeemed.indexOf(true)}`)
        assert.equal(credential?.credentialVersion, 2)
        assert.equal(credential?.account.emailVerified, true)
        assert.equal(await store.findSession(session.id), null)
        assert.equal(await store.openSession(newSession(account.id), 1), false)
        assert.equal(await store.hasOneTimeToken({ ...second, now: NOW }), false)
      })

      it('resets nothing when it is late, another account’s, for another purpose, or the account is disabled', async () => {
        const reset = (tokenHash: string, accountId: number, now = NOW) =>
          store.redeemPasswordReset({ tokenHash, accountId, passwordHash: 'new', now })
        const late = await addToken()
        assert.equal(await reset(late.tokenHash, late.accountId, NOW + 1000), false)
        assert.equal(await reset(late.tokenHash, (await add()).id), false)
        const proof = await addToken('email_verification')
        assert.equal(await reset(proof.tokenHash, proof.accountId), false)
        const disabled = await addToken()
        await store.setActive(disabled.accountId, false, NOW)
        assert.equal(await reset(disabled.tokenHash, disabled.accountId), false)
        for (const { accountId } of [late, proof, disabled]) {
          assert.equal((await store.findCredentialById(accountId))?.passwordHash, HASH)
        }
      })

      it('to reset dies with every other change of the password', async () => {
        const { tokenHash, accountId, token } = await addToken()
        await store.replacePassword({ accountId, passwordHash: 'changed', now: NOW })
        assert.equal(await store.hasOneTimeToken({ ...token, now: NOW }), false)
        assert.equal(await store.redeemPasswordReset({ tokenHash, accountId, passwordHash: 'new', now: NOW }), false)
        assert.equal((await store.findCredentialById(accountId))?.passwordHash, 'changed')
      })

      it('proves an address once, of 16 concurrent callers, and not after its time or for another purpose', async () => {
        const { tokenHash, accountId } = await addToken('email_verification')
        assert.equal(await store.redeemEmailVerification({ tokenHash, now: NOW + 1000 }), false)
        const other = await addToken('password_reset')
        assert.equal(await store.redeemEmailVerification({ tokenHash: other.tokenHash, now: NOW }), false)
        const proved = await race(16, (store) => store.redeemEmailVerification({ tokenHash, now: NOW }))
        assert.equal(proved.filter(Boolean).length, 1)
        assert.equal((await store.findAccount({ by: 'id', id: accountId }))?.emailVerified, true)
        assert.equal((await store.findAccount({ by: 'id', id: other.accountId }))?.emailVerified, false)
      })

      it('is pruned when its time is over', async () => {
        const { token } = await addToken()
        await store.pruneOneTimeTokens(NOW + 999)
        assert.equal(await store.hasOneTimeToken({ ...token, now: NOW }), true)
        assert.ok((await store.pruneOneTimeTokens(NOW + 1000)) >= 1)
        assert.equal(await store.hasOneTimeToken({ ...token, now: NOW }), false)
      })
    })

    describe('addFirstKey', () => {
      it('gives to 16 concurrent callers with a key each the one key that won', async () => {
        const outcomes = await race(16, (store, index) => store.addFirstKey(newKey(`key ${index}`)))
        const kids = new Set(outcomes.flatMap((keys) => keys.map(({ kid }) => kid)))
        assert.equal(kids.size, 1)
        const [kid = ''] = kids
        assert.deepEqual(await store.listKeys(), [newKey(kid)])
        assert.deepEqual(await other.addFirstKey(newKey('late')), [newKey(kid)])
      })
    })

    describe('notes', () => {
      it('outlive their writer, are replaced whole, and are null where nobody wrote', async () => {
        assert.equal(await store.readNote('nothing'), null)
        await store.writeNote('note', 'first')
        await other.writeNote('note', 'second 🦊')
        assert.equal(await store.readNote('note'), 'second 🦊')
        await race(16, (store, index) => store.writeNote('note', String(index)))
        assert.match((await other.readNote('note')) ?? '', /^\d+$/)
      })

      it('that are kept are kept once: 16 concurrent callers are all given the same', async () => {
        const kept = await race(16, (store, index) => store.keepNote('kept', `of ${index}`))
        assert.equal(new Set(kept).size, 1)
        assert.equal(await other.keepNote('kept', 'too late'), kept[0])
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
          assert.equal(await store.openSession(newSession(id), 1), false)
          assert.equal(await store.openSession(newSession(id), 2), true)
        }
      })
    })

    describe('inspect and ping', () => {
      it('say that the database is there, whole, and up to date', async () => {
        await store.ping()
        const facts = await store.inspect()
        assert.equal(facts.integrity, 'ok')
        assert.deepEqual(facts.pendingMigrations, [])
        assert.ok(facts.appliedMigrations.includes('0001-accounts-and-sessions'))
        const accounts = await store.listAccounts({ after: 0, limit: 100_000 })
        assert.equal(facts.accounts, accounts.length)
      })
    })
  })

  describe(`a closed store on ${name}`, () => {
    it('answers nothing any more, and can be closed twice', async () => {
      const { store } = await open()
      await store.close()
      await store.close()
      await assert.rejects(store.ping())
      await assert.rejects(store.findAccount({ by: 'id', id: 1 }))
    })
  })
}

/** A time that is whole seconds and not now, so that nothing can have asked the machine's clock. */
const ID = normaliseIdentifier('')
const ACCOUNT_KEYS = [
  'createdAt',
  'email',
  'emailVerified',
  'id',
  'isActive',
  'isStaff',
  'lastLoginAt',
  'profile',
  'subject',
  'updatedAt',
  'username',
]

/** A text that no other test has. */
function fresh(): string {
  return crypto.randomUUID()
}

function named(text: string, kind: NamedIdentifier['kind']): NamedIdentifier {
  return { value: normaliseIdentifier(text), kind }
}

function newKey(kid: string) {
  return { kid, algorithm: 'ES256', publicJwk: '{}', sealedPrivateJwk: 'sealed', createdAt: NOW }
}
