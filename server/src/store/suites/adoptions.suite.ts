import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addLegacyAccounts } from '../../../test/kit/legacy-accounts.ts'
import { NOW, newAccount, newLogin, newSession } from '../../../test/kit/new-rows.ts'
import { fresh, type Stores } from '../../../test/kit/stores.ts'
import { normaliseIdentifier } from '../../core/identifier.ts'
import type { Adoption, NamedIdentifier } from '../../core/ports.ts'

/** Names of somebody who is about to be moved in. */
function makeNames(): { email: string; username: string; identifiers: readonly [NamedIdentifier, NamedIdentifier] } {
  const username = fresh()
  const email = `${fresh()}@example.com`
  const names = [
    { value: normaliseIdentifier(email), kind: 'email' },
    { value: normaliseIdentifier(username), kind: 'username' },
  ] as const
  return { email, username, identifiers: names }
}

function newAdoption(change: Partial<Adoption> = {}): Adoption {
  const names = makeNames()
  const typed = names.identifiers[0].value
  return { account: newAccount(names), typed, sources: [fresh()], legacyId: '7', ...change }
}

/** How accounts are moved in that have just proved their password somewhere else, and what is counted of it. */
export function adoptionSuite({ store, race }: Stores): void {
  describe('adoptAccount', () => {
    it('adds the account with its names and what its sources call it', async () => {
      const adoption = newAdoption({ sources: [fresh(), fresh()] })
      const { account } = await store.adoptAccount(adoption)
      assert.ok(account !== null)
      assert.deepEqual([account.email, account.username], [adoption.account.email, adoption.account.username])
      for (const { value } of adoption.account.identifiers) {
        const found = await store.findCredential(value)
        assert.deepEqual([found?.account, found?.isClaimed], [account, false])
      }
      const ids = await store.listLegacyIds(account.id)
      assert.deepEqual(
        ids.map(({ source, legacyId }) => [source, legacyId]).sort(),
        adoption.sources.map((source) => [source, '7']).sort(),
      )
    })

    it('brings nobody back who was deleted here, by whatever name', async () => {
      const adoption = newAdoption()
      const { account } = await store.adoptAccount(adoption)
      assert.equal(await store.deleteAccount(account?.id ?? 0), true)
      for (const { account } of [adoption, newAdoption()]) {
        const again = { ...adoption, account: { ...account, subject: fresh() }, typed: newAdoption().typed }
        const typed = again.account.identifiers[0]?.value ?? again.typed
        assert.deepEqual(await store.adoptAccount({ ...again, typed }), { account: null, owner: null })
      }
    })

    it('adds an account of which its source tells no id', async () => {
      const { account } = await store.adoptAccount(newAdoption({ legacyId: null }))
      assert.deepEqual(await store.listLegacyIds(account?.id ?? 0), [])
    })

    it('does nothing where the typed name is somebody’s, and leaves out any other that is', async () => {
      const adoption = newAdoption()
      const [email, username] = adoption.account.identifiers
      assert.ok(email !== undefined && username !== undefined)
      await store.createAccount(newAccount({ identifiers: [username] }))
      const made = await store.adoptAccount(adoption)
      assert.deepEqual([made.account?.email, made.account?.username], [adoption.account.email, null])
      const again = await store.adoptAccount(
        newAdoption({ account: { ...adoption.account, subject: fresh() }, typed: email.value }),
      )
      assert.deepEqual(again, { account: null, owner: null })
    })

    it('says whose the id is already, and does nothing', async () => {
      const adoption = newAdoption()
      const { account } = await store.adoptAccount(adoption)
      const again = newAdoption({ sources: adoption.sources })
      assert.deepEqual(await store.adoptAccount(again), { account: null, owner: account?.id })
      assert.equal(await store.findCredential(again.typed), null)
    })

    it('says whose the id is at the first of its sources, and at the one of all others where none of them was imported', async () => {
      const legacyId = fresh()
      const source = fresh()
      const ours = await store.adoptAccount(newAdoption({ sources: [source], legacyId }))
      const others = await store.adoptAccount(newAdoption({ sources: ['default'], legacyId }))
      assert.ok(ours.account !== null && others.account !== null)
      for (const [sources, owner] of [
        [[source], ours.account.id],
        [[fresh(), source], ours.account.id],
        [[fresh()], others.account.id],
      ] as const) {
        assert.deepEqual(await store.adoptAccount(newAdoption({ sources, legacyId })), { account: null, owner })
      }
      const imported = fresh()
      await addLegacyAccounts(store, { [fresh()]: null }, { source: imported })
      assert.ok((await store.adoptAccount(newAdoption({ sources: [imported], legacyId }))).account !== null)
    })

    it('takes the typed name back from who only claimed it, who is signed out, and disabled where none is left', async () => {
      for (const hasAnother of [false, true]) {
        const adoption = newAdoption()
        const { email } = adoption.account
        const own = { value: normaliseIdentifier(fresh()), kind: 'username' } as const
        const claimed = { value: adoption.typed, kind: 'email', isClaimed: true } as const
        const { account: loser } = await store.createAccount(
          newAccount({ email, username: null, identifiers: [claimed, ...(hasAnother ? [own] : [])] }),
        )
        assert.ok(loser !== null)
        const session = newSession(loser.id)
        assert.equal(await store.openSession(session, newLogin()), true)

        const { account, ...made } = await store.adoptAccount(adoption)
        assert.deepEqual(made, { handedOver: [loser.id] })
        assert.equal(account?.email, email)
        const after = await store.findAccount({ by: 'id', id: loser.id })
        assert.deepEqual([after?.email, after?.isActive], [null, hasAnother])
        assert.equal((await store.findCredential(own.value))?.account.id, hasAnother ? loser.id : undefined)
        assert.equal(await store.findSession(session.id), null)
        assert.equal(await store.openSession(newSession(loser.id), newLogin()), false)
      }
    })

    it('leaves every other name to who claimed it: nobody proved whose that is', async () => {
      const adoption = newAdoption()
      const [email, username] = adoption.account.identifiers
      assert.ok(email !== undefined && username !== undefined)
      const { account: claimant } = await store.createAccount(
        newAccount({ email: adoption.account.email, username: null, identifiers: [{ ...email, isClaimed: true }] }),
      )
      const session = newSession(claimant?.id ?? 0)
      assert.equal(await store.openSession(session, newLogin()), true)
      const { account, ...made } = await store.adoptAccount({ ...adoption, typed: username.value })
      assert.deepEqual(made, { handedOver: [] })
      assert.deepEqual([account?.email, account?.username], [null, adoption.account.username])
      const found = await store.findCredential(email.value)
      assert.deepEqual([found?.account.id, found?.account.email], [claimant?.id, adoption.account.email])
      assert.ok((await store.findSession(session.id)) !== null)
    })

    it('takes no claimed address back that a letter has proved', async () => {
      const adoption = newAdoption()
      const [email] = adoption.account.identifiers
      assert.ok(email !== undefined)
      const identifiers = [{ ...email, isClaimed: true }]
      const { account } = await store.createAccount(
        newAccount({ email: adoption.account.email, username: null, identifiers }),
      )
      const tokenHash = fresh()
      await store.addOneTimeToken({
        tokenHash,
        purpose: 'email_verification',
        accountId: account?.id ?? 0,
        email: adoption.account.email ?? '',
        expiresAt: NOW + 1000,
      })
      assert.equal(await store.redeemEmailVerification({ tokenHash, now: NOW }), account?.id)
      assert.deepEqual(await store.adoptAccount(adoption), { account: null, owner: null })
    })

    it('leaves everything as it was where the typed name was taken by somebody who keeps it', async () => {
      const adoption = newAdoption()
      const [email, username] = adoption.account.identifiers
      assert.ok(email !== undefined && username !== undefined)
      await store.createAccount(newAccount({ identifiers: [email] }))
      const { account } = await store.createAccount(newAccount({ identifiers: [{ ...username, isClaimed: true }] }))
      assert.deepEqual(await store.adoptAccount(adoption), { account: null, owner: null })
      assert.equal((await store.findCredential(username.value))?.account.id, account?.id)
    })

    it('makes one account, whoever of 16 comes first by the same name', async () => {
      const adoption = newAdoption()
      const outcomes = await race(16, (store) =>
        store.adoptAccount({ ...adoption, account: { ...adoption.account, subject: fresh() } }),
      )
      assert.equal(outcomes.filter(({ account }) => account !== null).length, 1)
    })

    it('makes one account, whoever of 16 comes first by a name of its own', async () => {
      const sources = [fresh()]
      const outcomes = await race(16, (store) => store.adoptAccount(newAdoption({ sources })))
      const made = outcomes.flatMap(({ account }) => (account === null ? [] : [account.id]))
      assert.equal(made.length, 1)
      const others = outcomes.flatMap((outcome) => (outcome.account === null ? [outcome.owner] : []))
      assert.deepEqual(others, new Array(15).fill(made[0]))
    })
  })

  describe('a name that is only claimed', () => {
    it('stays so when its owner changes another, and a sure one stays sure', async () => {
      const { email, username, identifiers } = makeNames()
      const [address, name] = identifiers
      const { account } = await store.createAccount(
        newAccount({ email, username, identifiers: [address, { ...name, isClaimed: true }] }),
      )
      const added = { value: normaliseIdentifier(fresh()), kind: 'username', isClaimed: true } as const
      const change = { shown: username, identifiers: [{ ...address, isClaimed: true }, name, added] }
      await store.updateProfile({ accountId: account?.id ?? 0, username: change, now: NOW })
      const claimed = await Promise.all([address, name, added].map(({ value }) => store.findCredential(value)))
      assert.deepEqual(
        claimed.map((found) => found?.isClaimed),
        [false, true, true],
      )
    })
  })

  describe('countLegacyAnswers', () => {
    it('adds up what all processes count, and tells when somebody was moved in last', async () => {
      const contract = fresh()
      const count = { contract, count: 1, lastAt: NOW }
      await race(8, (store) =>
        store.countLegacyAnswers([
          { ...count, outcome: 'refused', count: 2 },
          { ...count, outcome: 'accepted' },
        ]),
      )
      await store.countLegacyAnswers([{ ...count, outcome: 'adopted', lastAt: NOW + 5 }])
      await store.countLegacyAnswers([])
      const answers = await store.listLegacyAnswers()
      assert.deepEqual(
        answers.filter((answer) => answer.contract === contract),
        [{ contract, accepted: 8, adopted: 1, refused: 16, unavailable: 0, lastAdoptedAt: NOW + 5 }],
      )
    })
  })
}
