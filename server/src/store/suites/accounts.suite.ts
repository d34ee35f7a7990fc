import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOW, newAccount } from '../../../test/kit/new-rows.ts'
import { fresh, named, type Stores } from '../../../test/kit/stores.ts'
import { type Identifier, normaliseIdentifier } from '../../core/identifier.ts'

/** How accounts and their names are kept. */
export function accountSuite({ store, add, race }: Stores): void {
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
        hasWeakPassword: false,
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
    it('finds by every name, says which kind of name it is, and keeps what each account was given', async () => {
      const [email, username] = [named(`${fresh()}@example.com`, 'email'), named(fresh(), 'username')]
      const given = { identifiers: [email, username], passwordHash: 'h', credentialVersion: 7, hasWeakPassword: true }
      const account = await add(given)
      assert.equal(account.hasWeakPassword, true)
      const credential = { account, passwordHash: 'h', credentialVersion: 7 }
      assert.deepEqual(await store.findCredential(email.value), { ...credential, kind: 'email', isClaimed: false })
      assert.deepEqual(await store.findCredential(username.value), {
        ...credential,
        kind: 'username',
        isClaimed: false,
      })
      assert.deepEqual(await store.findCredentialById(account.id), credential)
    })

    it('finds nobody by a name that nobody has', async () => {
      assert.equal(await store.findCredential(normaliseIdentifier(fresh())), null)
      assert.equal(await store.findCredentialById(2 ** 31 - 1), null)
      assert.equal(await store.findAccount({ by: 'id', id: 2 ** 31 - 1 }), null)
      assert.equal(await store.findAccount({ by: 'identifier', identifier: normaliseIdentifier('') }), null)
    })

    it('takes names literally: no wildcard, quote or other letter case matches', async () => {
      const value = fresh()
      await add({ identifiers: [named(value, 'username')] })
      for (const text of ['%', '_', `${value.slice(0, -1)}_`, `${value}' or '1'='1`, value.toUpperCase()]) {
        assert.equal(await store.findCredential(text as Identifier), null, text)
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

    it('of those alone whose password is weak, where it is told to, in the same order', async () => {
      const weak = [await add({ hasWeakPassword: true }), await add({ hasWeakPassword: true })]
      const strong = await add()
      const after = (weak[0]?.id ?? 0) - 1
      assert.deepEqual(await store.listAccounts({ after, limit: 10, isWeakOnly: true }), weak)
      assert.deepEqual(await store.listAccounts({ after, limit: 1, isWeakOnly: true }), weak.slice(0, 1))
      assert.deepEqual(await store.listAccounts({ after, limit: 10 }), [...weak, strong])
    })
  })
}

const ACCOUNT_KEYS = [
  'createdAt',
  'email',
  'emailVerified',
  'hasWeakPassword',
  'id',
  'isActive',
  'isStaff',
  'lastLoginAt',
  'profile',
  'subject',
  'updatedAt',
  'username',
]
