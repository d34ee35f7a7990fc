import assert from 'node:assert/strict'
import { it } from 'node:test'
import { NOW } from '../../../../test/kit/new-rows.ts'
import { connectTo, createTestDatabase } from '../../../../test/kit/postgres.ts'
import { openStore } from '../../open.ts'

const CHAIN = { link: () => 'hash', sealHead: () => '', sealAnchor: () => '' }

it('an event that another process is just taking is left to it', async () => {
  const database = await createTestDatabase()
  const { store } = await openStore(database.url)
  const nobody = { accountId: null, contract: null, requestId: null, network: null, userAgent: null }
  await store.appendAudit([{ at: NOW, type: 'account_enabled', actor: 'server', ...nobody, detail: {} }], {
    chain: CHAIN,
    isWanted: () => true,
  })
  const other = await connectTo(database.url)
  await other.query('begin')
  await other.query('update webhook_deliveries set tries = 1, due_at = due_at + 1000')
  const taking = store.takeDueDeliveries({ now: NOW, lease: 1000, limit: 10 })
  // It has seen the event as due, and waits for its row.
  const waiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
  while ((await other.query(waiting)).rows.length === 0) await new Promise((resolve) => setImmediate(resolve))
  await other.query('commit')
  assert.deepEqual(await taking, [])
  assert.equal((await store.listDeliveries(1))[0]?.tries, 1)
  await other.end()
  await store.close()
  await database.drop()
})
