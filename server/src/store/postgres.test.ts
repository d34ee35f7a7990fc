import { after } from 'node:test'
import { createTestDatabase, runSql, type TestDatabase } from '../../test/kit/postgres.ts'
import { openStore } from './open.ts'
import { storeSuite } from './store.suite.ts'

const databases: TestDatabase[] = []
after(async () => {
  for (const database of databases) await database.drop()
})

// What distributed engines that speak this protocol hold all transactions to, and PostgreSQL those that ask for it.
for (const isolation of ['read committed', 'serializable'] as const) {
  let shared: string | undefined
  storeSuite(`PostgreSQL, where transactions are ${isolation}`, {
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
  })
}
