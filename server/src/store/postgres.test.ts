import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { NOW, newAccount } from '../../test/kit/new-rows.ts'
import { connectTo, createTestDatabase, runSql, type TestDatabase } from '../../test/kit/postgres.ts'
import { openStores, type StoreOptions } from '../../test/kit/stores.ts'
import { openStore } from './open.ts'
import { runSuites } from './store.suite.ts'

const databases: TestDatabase[] = []
const suites: Parameters<typeof runSuites>[] = []
// What distributed engines that speak this protocol hold all transactions to, and PostgreSQL those that ask for it.
for (const isolation of ['read committed', 'serializable'] as const) {
  let shared: string | undefined
  const options: StoreOptions = {
    open: async () => {
      const database = await createTestDatabase()
      databases.push(database)
      shared ??= database.url
      await runSql(database.url, `alter database ${database.name} set default_transaction_isolation = '${isolation}'`)
      return openStore(database.url)
    },
    openAgain: async () => openStore(shared ?? ''),
    racesOnBoth: true,
    comesBack: isolation === 'serializable',
  }
  suites.push([`PostgreSQL, where transactions are ${isolation}`, await openStores(options), options])
}
// Only now: where a name pattern leaves a suite without tests, it has ended before the next database is open.
after(async () => {
  for (const database of databases) await database.drop()
})
for (const suite of suites) runSuites(...suite)

describe('PostgreSQL', () => {
  it('meets no deadlock where letters are redeemed and passwords changed at the same moment', async () => {
    const database = await createTestDatabase()
    databases.push(database)
    const { store } = await openStore(database.url, { cores: 4 })
    for (let round = 0; round < 12; round++) {
      const { account } = await store.createAccount(newAccount({ email: `${round}@example.com` }))
      assert.ok(account !== null)
      const tokens = Array.from({ length: 4 }, (_, index) => `${round} ${index}`)
      for (const [index, tokenHash] of tokens.entries()) {
        const purpose = index % 2 === 0 ? 'password_reset' : 'email_verification'
        await store.addOneTimeToken({
          tokenHash,
          purpose,
          accountId: account.id,
          email: `${round}@example.com`,
          expiresAt: NOW + 1000,
        })
      }
      const change = { accountId: account.id, passwordHash: 'new', hasWeakPassword: false, now: NOW }
      await Promise.all([
        ...tokens.map((tokenHash, index) =>
          index % 2 === 0
            ? store.redeemPasswordReset({ ...change, tokenHash })
            : store.redeemEmailVerification({ tokenHash, now: NOW }),
        ),
        store.replacePassword(change),
        store.setActive(account.id, true, NOW),
      ])
    }
    await store.close()
    const client = await connectTo(database.url)
    // The server counts with a delay.
    await client.query('select pg_stat_clear_snapshot(), pg_sleep(1.1)')
    const { rows } = await client.query('select deadlocks from pg_stat_database where datname = current_database()')
    await client.end()
    assert.equal(Number(rows[0]?.deadlocks), 0)
  })

  it('is refused in one sentence where its encoding cannot hold every name', async () => {
    const database = await createTestDatabase()
    databases.push(database)
    const latin = `${database.name}_latin1`
    await runSql(
      database.url,
      `create database ${latin} encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0`,
    )
    await assert.rejects(openStore(database.url.replace(database.name, latin)), {
      message:
        /^The database test_\w+ is encoded as LATIN1, which cannot hold every name: make one with createdb [^.]+\.$/,
    })
    await runSql(database.url, `drop database ${latin}`)
  })
})
