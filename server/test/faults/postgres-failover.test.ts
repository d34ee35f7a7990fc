import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type PostgresServer, startPostgres } from '../kit/postgres-server.ts'
import { until } from '../kit/postgres-session.ts'
import { startStandby } from '../kit/postgres-standby.ts'
import { makePostgresDatabase } from './postgres-database.ts'
import { playOnPostgres } from './postgres-scene.ts'
import { IS_LONG } from './scene.ts'

/** Two servers, the second of which has every commit before it is one. */
type Pair = { readonly primary: PostgresServer; readonly standby: PostgresServer }

// Each has servers of its own.
describe('on a PostgreSQL with a standby', { concurrency: IS_LONG ? 1 : 2 }, () => {
  for (let time = 1; time <= (IS_LONG ? 5 : 1); time++) {
    it(`everything acknowledged is true on the standby that takes over (${time})`, async (t) => {
      await withPair(async ({ primary, standby }) => {
        let current = primary
        const database = await makePostgresDatabase([primary, standby], () => current)
        await playOnPostgres(t, database, async (scene) => {
          await scene.succeed(50)
          await primary.stop('immediate')
          await scene.refuse(5)
          assert.equal(await scene.areReady(), false)
          const promoted = performance.now()
          await promote(standby)
          current = standby
          await scene.succeed(1)
          const first = Math.round(performance.now() - promoted)
          await scene.recover()
          return `a standby promoted in place of its primary, the first 2xx ${first} ms after the order`
        })
      })
    })

    it(`nothing is acknowledged that the standby does not have, whatever the primary says (${time})`, async (t) => {
      await withPair(async ({ primary, standby }) => {
        let current = primary
        const database = await makePostgresDatabase([primary, standby], () => current)
        await playOnPostgres(t, database, async (scene) => {
          let ended = 0
          /** An operator who has enough of waiting: the primary alone keeps each commit, and reports it as done. */
          const endWaits = async (count: number) => {
            const goal = ended + count
            await until(async () => {
              const rows = await primary.query(
                "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'",
              )
              ended += rows.length
              return ended >= goal
            })
          }
          const before = scene.load.counts().unavailable
          const thaw = await standby.freeze()
          await endWaits(10)
          await until(async () => scene.load.counts().unavailable - before >= ended)
          const recovered = ended
          thaw()
          await scene.recover()
          await cutOff({ primary, standby })
          const sofar = scene.load.counts().unavailable
          await endWaits(10)
          // Each of them is told before the primary is lost, and nothing else goes wrong meanwhile.
          await until(async () => recovered + scene.load.counts().unavailable - sofar >= ended)
          await primary.stop('immediate')
          await promote(standby)
          current = standby
          await scene.recover()
          return `${ended} commits ended that waited for a standby frozen or cut off, all answered 503; then the primary was lost`
        })
      })
    })
  }
})

async function withPair(action: (pair: Pair) => Promise<void>): Promise<void> {
  const primary = await startPostgres({ settings: { synchronous_commit: 'on', wal_keep_size: '64MB' } })
  const standby = await startStandby(primary)
  try {
    await primary.query("alter system set synchronous_standby_names = '*'")
    await primary.query('select pg_reload_conf()')
    await until(async () => {
      const [row] = await primary.query("select sync_state from pg_stat_replication where sync_state = 'sync'")
      return row !== undefined
    })
    await action({ primary, standby })
  } finally {
    standby.destroy()
    primary.destroy()
  }
}

/** Ends the standby's connection to its primary, and lets it make no other. */
async function cutOff({ primary, standby }: Pair): Promise<void> {
  await standby.query("alter system set primary_conninfo = ''")
  await standby.query('select pg_reload_conf()')
  await until(async () => (await primary.query('select 1 from pg_stat_replication')).length === 0)
}

async function promote(standby: PostgresServer): Promise<void> {
  const [row] = await standby.query('select pg_promote() as promoted')
  assert.equal(row?.promoted, true)
}
