import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { newAccount, newLogin, newSession } from '../../../../test/kit/new-rows.ts'
import { type PostgresServer, startPostgres } from '../../../../test/kit/postgres-server.ts'
import { listBackends, until } from '../../../../test/kit/postgres-session.ts'
import { AuthError } from '../../../core/errors.ts'
import type { Store } from '../../../core/ports.ts'
import { openStore } from '../../open.ts'

const DATABASE = 'auth'
const WAITS = "wait_event = 'SyncRep'"

// Every commit has to reach a standby, and there is none: what a server does when its standby is away.
describe('a commit that no standby has', () => {
  let server: PostgresServer
  let store: Store
  before(async () => {
    server = await startPostgres({ settings: { fsync: 'off' } })
    await server.query(`create database ${DATABASE}`)
  })
  after(() => server.destroy())

  beforeEach(async () => {
    store = (await openStore(server.url(DATABASE))).store
  })
  afterEach(async () => {
    await wantStandby('')
    await store.close()
  })

  async function wantStandby(names: string): Promise<void> {
    await server.query(`alter system set synchronous_standby_names = '${names}'`)
    await server.query('select pg_reload_conf()')
    await until(async () => {
      const [row] = await server.query("select setting from pg_settings where name = 'synchronous_standby_names'")
      return row?.setting === names
    })
  }

  /** A write of several statements, and one of a single statement; and how one sees afterwards that it is there. */
  async function prepareWrites() {
    const given = newAccount()
    const { account } = await store.createAccount(newAccount())
    const session = newSession(account?.id ?? 0)
    await store.openSession(session, newLogin())
    return {
      group: {
        write: () => store.createAccount(given),
        isThere: async () => (await store.findAccount({ by: 'identifier', identifier: nameOf(given) })) !== null,
      },
      statement: {
        write: () => store.endSession(session.id),
        isThere: async () => (await store.findSession(session.id)) === null,
      },
    }
  }

  for (const shape of ['group', 'statement'] as const) {
    it(`is no success although the server calls it one: a ${shape} whose wait an operator ends`, async () => {
      const { write, isThere } = (await prepareWrites())[shape]
      await wantStandby('*')
      const written = refusalOf(write())
      await until(async () => (await listBackends(server, { database: DATABASE, where: WAITS })).length === 1)
      await server.query(`select pg_cancel_backend(pid) from pg_stat_activity where ${WAITS}`)
      const { cause } = await written
      assert.ok(cause instanceof Error)
      assert.match(cause.message, /^The commit is not known to be replicated: canceling wait/)
      // The server has it: had it been acknowledged, a failover could have lost it.
      assert.equal(await isThere(), true)
    })

    it(`is no success: a ${shape} whose connection is ended`, async () => {
      const { write } = (await prepareWrites())[shape]
      await wantStandby('*')
      const written = refusalOf(write())
      await until(async () => (await listBackends(server, { database: DATABASE, where: WAITS })).length === 1)
      await server.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${WAITS}`)
      await written
    })
  }

  it('is given up without help, leaves the server nothing to wait for, and is minded by readiness', async () => {
    const { group, statement } = await prepareWrites()
    await wantStandby('*')
    await Promise.all([refusalOf(group.write()), refusalOf(statement.write())])
    await until(async () => (await listBackends(server, { database: DATABASE, where: WAITS })).length === 0)
    assert.equal(await group.isThere(), true)
    // Only a write tells whether all is well again, so that is what readiness tries.
    const ping = store.ping()
    await until(async () => (await listBackends(server, { database: DATABASE, where: WAITS })).length === 1)
    await wantStandby('')
    await ping
  })
})

function nameOf(account: ReturnType<typeof newAccount>) {
  const [identifier] = account.identifiers
  assert.ok(identifier !== undefined)
  return identifier.value
}

async function refusalOf(promise: Promise<unknown>): Promise<AuthError> {
  try {
    await promise
  } catch (error) {
    assert.ok(error instanceof AuthError && error.code === 'overloaded', String(error))
    return error
  }
  throw new Error('It was acknowledged.')
}
