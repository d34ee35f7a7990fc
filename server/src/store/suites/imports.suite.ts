import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HASH, NOW, newAccount, newLogin, newSession } from '../../../test/kit/new-rows.ts'
import { fresh, named, type Stores } from '../../../test/kit/stores.ts'
import { toLegacySessionId } from '../../core/legacy-session-id.ts'
import type { ImportedAccount, ImportedSession, ImportOutcome } from '../../core/ports.ts'

/** An account as an import hands it over, with one name that no other has. */
function imported(change: Partial<ImportedAccount> = {}): ImportedAccount {
  const username = fresh()
  return {
    legacyId: fresh(),
    id: null,
    subject: fresh(),
    email: null,
    username,
    identifiers: [named(username, 'username')],
    emailVerified: false,
    profile: { name: 'Ada L', firstName: 'Ada', lastName: 'L', phoneNumber: '' },
    isActive: true,
    isStaff: false,
    passwordHash: 'an old hash',
    legacyFormat: 'django-md5',
    createdAt: NOW - 1000,
    lastLoginAt: NOW - 500,
    ...change,
  }
}

/** How accounts and sessions of another back end are moved in. */
export function importSuite({ store, add, race }: Stores): void {
  let runs = NOW
  const bring = (accounts: readonly ImportedAccount[], { source = 'default', name = fresh() } = {}) =>
    store.importAccounts({
      source,
      accounts,
      progress: (outcomes) => ({ name, position: outcomes.length, state: '{}' }),
      now: ++runs,
    })

  async function bringOne(account: ImportedAccount, source = 'default'): Promise<number> {
    const [outcome] = await bring([account], { source })
    assert.ok(outcome?.did === 'imported', JSON.stringify(outcome))
    return outcome.accountId
  }

  describe('importAccounts', () => {
    it('keeps an account as its source had it, under all its names', async () => {
      const address = `${fresh()}@example.com`
      const given = imported({
        email: address,
        username: 'Ada 🦊',
        identifiers: [named(address, 'email'), named(fresh(), 'username')],
        emailVerified: true,
        isStaff: true,
        profile: { name: 'O’Hara "x"', firstName: 'é', lastName: '\\', phoneNumber: '+4912345678' },
      })
      const id = await bringOne(given)
      const account = await store.findAccount({ by: 'id', id })
      assert.partialDeepStrictEqual(account, {
        id,
        subject: given.subject,
        email: address,
        username: 'Ada 🦊',
        emailVerified: true,
        profile: given.profile,
        isActive: true,
        isStaff: true,
        hasWeakPassword: false,
        createdAt: NOW - 1000,
        lastLoginAt: NOW - 500,
      })
      for (const { value } of given.identifiers) {
        assert.deepEqual(await store.findAccount({ by: 'identifier', identifier: value }), account)
      }
      const credential = await store.findCredentialById(id)
      assert.equal(credential?.passwordHash, 'an old hash')
      assert.equal(credential?.credentialVersion, 1)
    })

    it('says of each account what became of it, in their order, and merges none with another', async () => {
      const mine = await add()
      const [name, address] = [named(fresh(), 'username'), named(`${fresh()}@example.com`, 'email')]
      const first = imported({ identifiers: [name, address] })
      const outcomes = await bring([
        first,
        imported({ identifiers: [named(mine.username ?? '', 'username')] }),
        imported({ identifiers: [address] }),
        imported({ legacyId: first.legacyId }),
        imported(),
      ])
      assert.deepEqual(
        outcomes.map((outcome) => ('why' in outcome ? outcome.why : outcome.did)),
        ['imported', 'username_taken', 'email_taken', 'repeated', 'imported'],
      )
      assert.deepEqual(await store.findAccount({ by: 'id', id: mine.id }), mine)
    })

    it('keeps ids where they are given, gives none of them twice, and leaves out who has one that is taken', async () => {
      const before = await add()
      const [one, two] = [before.id + 5000, before.id + 5002]
      const outcomes = await bring([
        imported({ id: two }),
        imported({ id: one }),
        imported({ id: before.id }),
        imported({ id: before.id, identifiers: [] }),
      ])
      assert.deepEqual(outcomes, [
        { did: 'imported', accountId: two },
        { did: 'imported', accountId: one },
        { did: 'skipped', why: 'id_taken' },
        { did: 'skipped', why: 'id_taken' },
      ])
      assert.ok((await add()).id > two)
      assert.equal((await store.findAccount({ by: 'id', id: before.id }))?.subject, before.subject)
      assert.deepEqual(await store.findUsedIds([one, one + 1, two]), new Set([one, two]))
    })

    it('takes of two rows with one id the first, in whichever batch they are and however often it is run', async () => {
      const first = imported()
      const second = { ...first, subject: fresh(), passwordHash: 'the hash of somebody else' }
      const bringAt = async (account: ImportedAccount, now: number) => {
        const progress = () => ({ name: 'twice', position: 1, state: '{}' })
        const [outcome] = await store.importAccounts({ source: 'default', accounts: [account], progress, now })
        return outcome?.did
      }
      for (const did of ['imported', 'unchanged', 'unchanged']) {
        const now = ++runs
        assert.equal(await bringAt(first, now), did)
        assert.equal(await bringAt(second, now), 'skipped')
      }
      const [known] = await store.findImported('default', [first.legacyId])
      assert.equal(known?.passwordHash, first.passwordHash)
    })

    it('leaves behind who has the id of somebody else of another back end, and takes their tokens for nobody’s', async () => {
      const first = imported()
      const id = await bringOne(first)
      const other = imported({
        legacyId: first.legacyId,
        createdAt: NOW - 77,
        passwordHash: 'the hash of somebody else',
      })
      const now = ++runs
      const progress = () => ({ name: 'other', position: 1, state: '{}' })
      const outcomes = await store.importAccounts({ source: 'default', accounts: [other], progress, now })
      assert.deepEqual(outcomes, [{ did: 'skipped', why: 'somebody_else' }])
      const found = await store.findCredentialById(id)
      assert.equal(found?.passwordHash, first.passwordHash)
      assert.equal(found?.account.username, first.username)
      const token: ImportedSession = {
        id: toLegacySessionId(fresh().replaceAll('-', '')),
        source: 'default',
        legacyId: first.legacyId,
        kind: 'key',
        contract: 'drf-token',
        tokenHash: fresh(),
        createdAt: NOW,
        expiresAt: NOW + 1e9,
      }
      const bringToken = (at: number) =>
        store.importSessions({ sessions: [token], revoked: [], progress: () => progress(), now: at })
      assert.deepEqual(await bringToken(now), ['no_account'])
      assert.deepEqual(await bringToken(++runs), ['imported'])
    })

    it('takes somebody for the same who has a name or the day of joining still', async () => {
      const [one, two] = [imported(), imported()]
      await bringOne(one)
      await bringOne(two)
      const renamed = imported({ legacyId: one.legacyId })
      const moved = { ...two, createdAt: NOW - 77, profile: { ...two.profile, firstName: 'Augusta' } }
      const outcomes = await bring([renamed, moved])
      assert.deepEqual(
        outcomes.map(({ did }) => did),
        ['updated', 'updated'],
      )
    })

    it('brings nobody back who was deleted here', async () => {
      const given = imported()
      const id = await bringOne(given)
      assert.equal(await store.deleteAccount(id), true)
      assert.deepEqual(await bring([given]), [{ did: 'skipped', why: 'deleted_here' }])
      assert.equal((await bring([given], { source: 'another' }))[0]?.did, 'imported')
    })

    it('gives a name that one account has given up to the next that has it', async () => {
      const old = fresh()
      const address = `${fresh()}@example.com`
      const names = [named(address, 'email'), named(old, 'username')]
      const first = imported({ email: address, username: old, identifiers: names })
      const id = await bringOne(first)
      const other = `${fresh()}@example.com`
      const moved = { email: other, identifiers: [named(other, 'email'), named(old, 'username')] }
      const heir = imported({ email: address, username: null, identifiers: [named(address, 'email')] })
      const outcomes = await bring([{ ...first, ...moved }, heir])
      assert.deepEqual(
        outcomes.map(({ did }) => did),
        ['updated', 'imported'],
      )
      assert.equal((await store.findAccount({ by: 'identifier', identifier: named(old, 'username').value }))?.id, id)
    })

    it('changes nothing where the source says the same again', async () => {
      const given = imported()
      const id = await bringOne(given)
      const before = await store.findAccount({ by: 'id', id })
      const [again] = await bring([{ ...given, subject: fresh() }])
      assert.deepEqual(again, { did: 'unchanged', accountId: id })
      assert.deepEqual(await store.findAccount({ by: 'id', id }), before)
    })

    it('brings an account up to date that nobody has changed here', async () => {
      const given = imported()
      const id = await bringOne(given)
      const address = `${fresh()}@example.com`
      const change: Partial<ImportedAccount> = {
        email: address,
        identifiers: [...given.identifiers, named(address, 'email')],
        passwordHash: 'a newer hash',
        legacyFormat: 'bcrypt',
        profile: { ...given.profile, lastName: 'King' },
      }
      assert.deepEqual(await bring([imported({ ...given, ...change })]), [{ did: 'updated', accountId: id }])
      const [credential] = await Promise.all([store.findCredentialById(id)])
      assert.equal(credential?.passwordHash, 'a newer hash')
      assert.equal(credential?.account.profile.lastName, 'King')
      assert.equal(credential?.account.subject, given.subject)
      assert.equal((await store.findAccount({ by: 'identifier', identifier: named(address, 'email').value }))?.id, id)
      const [known] = await store.findImported('default', [given.legacyId])
      assert.deepEqual(known, {
        legacyId: given.legacyId,
        takesPassword: true,
        passwordHash: 'a newer hash',
        legacyFormat: 'bcrypt',
      })
    })

    it('leaves a password that was set or upgraded here, and all that was changed here', async () => {
      const [set, upgraded, renamed, disabled] = [imported(), imported(), imported(), imported()]
      const ids: number[] = []
      for (const account of [set, upgraded, renamed, disabled]) ids.push(await bringOne(account))
      const [setId = 0, upgradedId = 0, renamedId = 0, disabledId = 0] = ids
      await store.replacePassword({ accountId: setId, passwordHash: 'mine', hasWeakPassword: false, now: NOW + 1e6 })
      assert.equal(await store.upgradePasswordHash(upgradedId, 'an old hash', 'mine too'), true)
      await store.updateProfile({ accountId: renamedId, firstName: 'Grace', now: NOW + 1e6 })
      await store.setActive(disabledId, false, NOW + 1e6)
      const change = { passwordHash: 'a newer hash', profile: { ...set.profile, phoneNumber: '123456789' } }
      const outcomes = await bring([set, upgraded, renamed, disabled].map((account) => ({ ...account, ...change })))
      assert.deepEqual(
        outcomes.map(({ did }) => did),
        ['unchanged', 'updated', 'unchanged', 'unchanged'],
      )
      assert.equal((await store.findCredentialById(setId))?.passwordHash, 'mine')
      assert.equal((await store.findCredentialById(upgradedId))?.passwordHash, 'mine too')
      assert.equal((await store.findAccount({ by: 'id', id: renamedId }))?.profile.firstName, 'Grace')
      assert.equal((await store.findAccount({ by: 'id', id: disabledId }))?.isActive, false)
      const known = await store.findImported('default', [set.legacyId, upgraded.legacyId])
      assert.deepEqual(
        known.map(({ takesPassword }) => takesPassword),
        [false, false],
      )
    })

    it('ends the sessions of an account that its source has disabled, and they do not come back with it', async () => {
      const given = imported()
      const id = await bringOne(given)
      const session = newSession(id)
      assert.equal(await store.openSession(session, newLogin()), true)
      assert.deepEqual(await bring([{ ...given, isActive: false }]), [{ did: 'updated', accountId: id }])
      assert.equal((await store.findSession(session.id))?.isCurrent, false)
      assert.deepEqual(await bring([given]), [{ did: 'updated', accountId: id }])
      assert.equal(await store.findSession(session.id), null)
      assert.equal((await store.findAccount({ by: 'id', id }))?.isActive, true)
    })

    it('knows the same id of two sources as two accounts', async () => {
      const legacyId = fresh()
      const [one, two] = [imported({ legacyId }), imported({ legacyId })]
      assert.notEqual(await bringOne(one, 'simplejwt'), await bringOne(two, 'drf-token'))
      assert.deepEqual(await store.findImported('express-jwt', [legacyId]), [])
    })

    it('notes how far it is with the accounts that it tells of, or neither', async () => {
      const name = fresh()
      const given = imported()
      const states: (readonly ImportOutcome[])[] = []
      const progress = (outcomes: readonly ImportOutcome[]) => {
        states.push(outcomes)
        return { name, position: 7, state: JSON.stringify(outcomes) }
      }
      const outcomes = await store.importAccounts({ source: 'default', accounts: [given], progress, now: ++runs })
      assert.deepEqual(await store.findImport(name), { name, position: 7, state: JSON.stringify(outcomes) })
      const lost = imported()
      const fails = () => {
        throw new Error('the disk is full')
      }
      await assert.rejects(
        store.importAccounts({ source: 'default', accounts: [lost], progress: fails, now: ++runs }),
        /the disk is full/,
      )
      assert.deepEqual(await store.findImported('default', [lost.legacyId]), [])
      await store.noteImport({ name, position: 8, state: '{"ended":true}' }, ++runs)
      const listed = (await store.listImports(1000)).find((progress) => progress.name === name)
      assert.deepEqual(listed, { name, position: 8, state: '{"ended":true}' })
      assert.equal(await store.findImport(fresh()), null)
    })

    it('lets of an import and registrations of the same names each name have one owner', async () => {
      const names = Array.from({ length: 12 }, () => named(fresh(), 'username'))
      const batch = names.map((name) => imported({ username: name.value, identifiers: [name] }))
      const won: number[] = []
      await race(13, async (store, index) => {
        const name = names[index]
        if (name === undefined) {
          const outcomes = await bring(batch)
          for (const outcome of outcomes) if (outcome.did === 'imported') won.push(outcome.accountId)
          return
        }
        const { account } = await store.createAccount(newAccount({ identifiers: [name] }))
        if (account !== null) won.push(account.id)
      })
      assert.equal(won.length, 12)
      for (const { value } of names) {
        const owner = await store.findAccount({ by: 'identifier', identifier: value })
        assert.ok(owner !== null && won.includes(owner.id))
      }
    })
  })

  describe('importSessions', () => {
    const session = (legacyId: string, change: Partial<ImportedSession> = {}): ImportedSession => ({
      id: toLegacySessionId(fresh().replaceAll('-', '')),
      source: 'default',
      legacyId,
      kind: 'key',
      contract: 'drf-token',
      tokenHash: fresh(),
      createdAt: NOW,
      expiresAt: NOW + 1e9,
      ...change,
    })
    const keep = (sessions: readonly ImportedSession[], revoked: readonly ImportedSession[] = []) =>
      store.importSessions({
        sessions,
        revoked,
        progress: (outcomes) => ({ name: 'sessions', position: outcomes.length, state: '{}' }),
        now: ++runs,
      })

    it('keeps sessions alive of accounts that were imported, and tells of those that it cannot keep', async () => {
      const [given, disabled] = [imported(), imported({ isActive: false })]
      const id = await bringOne(given)
      await bringOne(disabled)
      const alive = session(given.legacyId)
      assert.deepEqual(await keep([alive, session(fresh()), session(disabled.legacyId)]), [
        'imported',
        'no_account',
        'no_account',
      ])
      const found = await store.findSessionByToken(alive.tokenHash)
      assert.equal(found?.isCurrent, true)
      assert.partialDeepStrictEqual(found?.session, {
        id: alive.id,
        accountId: id,
        kind: 'key',
        contract: 'drf-token',
        createdAt: NOW,
        expiresAt: NOW + 1e9,
      })
      assert.deepEqual(await keep([alive]), ['known'])
      const count = await store.countLegacySessions(NOW)
      assert.equal(await store.openSession(newSession(id), newLogin()), true)
      await keep([session(given.legacyId, { expiresAt: NOW })])
      assert.equal(await store.countLegacySessions(NOW), count)
      await store.endSession(alive.id)
      assert.equal(await store.countLegacySessions(NOW), count - 1)
    })

    it('brings no session back that was ended here', async () => {
      const given = imported()
      const id = await bringOne(given)
      const [one, two] = [session(given.legacyId), session(given.legacyId)]
      await keep([one])
      assert.equal(await store.endSession(one.id), true)
      assert.deepEqual(await keep([one]), ['known'])
      assert.equal(await store.findSessionByToken(one.tokenHash), null)
      await store.endSessions(id)
      assert.deepEqual(await keep([two]), ['no_account'])
    })

    it('ends what its source has revoked, and knows it as revoked until its time is over', async () => {
      const given = imported()
      const id = await bringOne(given)
      const [ended, never] = [session(given.legacyId), session(given.legacyId)]
      await keep([ended])
      assert.deepEqual(await keep([], [ended, never, session(fresh())]), [])
      assert.equal(await store.findSession(ended.id), null)
      for (const { tokenHash } of [ended, never]) {
        assert.deepEqual(await store.findRevokedKey(tokenHash, NOW), { accountId: id })
        assert.equal(await store.findRevokedKey(tokenHash, NOW + 1e9), null)
      }
      assert.deepEqual(await keep([never]), ['known'])
    })

    it('keeps dead what its source has revoked, also where the account comes later', async () => {
      const given = imported()
      const revoked = session(given.legacyId)
      await keep([], [revoked])
      const id = await bringOne(given)
      assert.deepEqual(await keep([revoked]), ['known'])
      const { id: sessionId, legacyId, kind, contract, tokenHash, createdAt, expiresAt } = revoked
      const sources = { source: fresh(), otherSource: revoked.source }
      const client = { network: null, userAgent: '' }
      const shown = { id: sessionId, ...sources, legacyId, kind, contract, tokenHash, createdAt, expiresAt, ...client }
      assert.deepEqual(await store.adoptSession(shown), { refused: 'revoked', accountId: id })
    })
  })

  it('has nothing to remember of hashes that were not imported', async () => {
    const account = await add({ passwordHash: HASH })
    assert.deepEqual(await store.findImported('default', [String(account.id)]), [])
    assert.deepEqual(await store.findImported('default', []), [])
  })
}
