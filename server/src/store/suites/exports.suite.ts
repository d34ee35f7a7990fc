import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HASH, NOW } from '../../../test/kit/new-rows.ts'
import { fresh, named, type Stores } from '../../../test/kit/stores.ts'

/** How accounts leave, with their hashes and the ids that they had. */
export function exportSuite({ store, other, add }: Stores): void {
  /** Moves somebody in from a source. */
  async function bring(source: string, legacyId: string, id: number | null = null): Promise<number> {
    const username = fresh()
    const account = {
      legacyId,
      id,
      subject: fresh(),
      email: null,
      username,
      identifiers: [named(username, 'username')],
      emailVerified: false,
      profile: { name: '', firstName: '', lastName: '', phoneNumber: '' },
      isActive: true,
      isStaff: false,
      passwordHash: 'an old hash',
      legacyFormat: 'bcrypt',
      createdAt: NOW,
      lastLoginAt: null,
    }
    const progress = () => ({ name: fresh(), position: 1, state: '{}' })
    const [outcome] = await store.importAccounts({ source, accounts: [account], progress, now: NOW })
    assert.ok(outcome?.did === 'imported', JSON.stringify(outcome))
    return outcome.accountId
  }

  describe('listStoredAccounts', () => {
    it('gives accounts with their hashes and the ids that one source had for them, a page at a time', async () => {
      const source = fresh()
      const account = await add()
      const one = await bring(source, 'abc')
      const two = await bring(fresh(), 'def')
      const page = (after: number, limit: number, of: string | null) =>
        other.listStoredAccounts({ after, limit, source: of })
      const [first, second, third] = await page(account.id - 1, 3, source)
      assert.deepEqual(first, { account, passwordHash: HASH, legacyFormat: null, legacyId: null })
      assert.partialDeepStrictEqual(second, { passwordHash: 'an old hash', legacyFormat: 'bcrypt', legacyId: 'abc' })
      assert.deepEqual([second?.account.id, third?.account.id, third?.legacyId], [one, two, null])
      assert.deepEqual(
        (await page(one, 1, null)).map(({ account, legacyId }) => [account.id, legacyId]),
        [[two, null]],
      )
      assert.deepEqual(await page(Number.MAX_SAFE_INTEGER, 10, source), [])
    })
  })

  describe('listLegacySources', () => {
    it('counts the accounts that have ids of a source, and those that have another one here', async () => {
      const source = fresh()
      const id = 5_000_000 + Math.floor(Math.random() * 1_000_000)
      await bring(source, String(id), id)
      await bring(source, 'x')
      await bring(source, 'email:a@b.c')
      const found = (await other.listLegacySources()).filter((known) => known.source === source)
      assert.deepEqual(found, [{ source, accounts: 2, moved: 1 }])
    })
  })
}
