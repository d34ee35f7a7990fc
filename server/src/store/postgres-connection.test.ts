import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { findFreePort } from '../../test/kit/ports.ts'
import { FAST } from '../../test/kit/postgres.ts'
import { type PostgresServer, startPostgres } from '../../test/kit/postgres-server.ts'
import { type Certificate, filesFor, makeAuthority, TLS_SETTINGS } from '../../test/kit/postgres-tls.ts'
import { makeDirectory } from '../../test/kit/server-process.ts'
import { openStore } from './open.ts'

const PASSWORD = 'a pass/word: with @ all?'
const ACCESS = [
  'host all with_password 127.0.0.1/32 scram-sha-256',
  'hostssl all with_card 127.0.0.1/32 cert',
  'host all with_card 127.0.0.1/32 reject',
  'host all nobody_may 127.0.0.1/32 reject',
]

/** How a store that was opened says that it is reached. */
async function reach(url: string, options: Parameters<typeof openStore>[1] = {}) {
  const { store } = await openStore(url, { schema: 'inspect', ...options })
  try {
    const { settings, location } = await store.inspect()
    return { tls: settings.tls, location }
  } finally {
    await store.close()
  }
}

/** The one sentence with which a database is refused. */
async function refusal(url: string, options: Parameters<typeof openStore>[1] = {}): Promise<string> {
  try {
    await reach(url, options)
  } catch (error) {
    assert.ok(error instanceof Error)
    assert.match(error.message, /^[A-Z][^\n]*\.$/)
    const everything = `${error.stack}${JSON.stringify(error)}${String(error.cause)}`
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), 'wrong-guess']) {
      assert.ok(!everything.includes(secret), `${everything} tells ${secret}`)
    }
    return error.message
  }
  return 'It was not refused.'
}

describe('a connection to PostgreSQL', () => {
  const authority = makeAuthority('an authority')
  const stranger = makeAuthority('another authority')
  let server: PostgresServer
  let client: Certificate
  let at: (user: string, options?: string, host?: string) => string

  before(async () => {
    const port = await findFreePort()
    client = authority.issue('with_card')
    server = await startPostgres({
      port,
      access: ACCESS,
      files: filesFor(authority, authority.issue('a server', ['DNS:localhost'])),
      settings: { ...FAST, ...TLS_SETTINGS, listen_addresses: '127.0.0.1' },
    })
    await server.query(`create role with_password login password '${PASSWORD}'; create role with_card login;
      create role nobody_may login`)
    at = (user, options = '', host = '127.0.0.1') => `postgres://${user}@${host}:${port}/postgres?${options}`
  })
  after(() => server.destroy())

  describe('over TLS', () => {
    it('is plain where the URL asks for nothing', async () => {
      assert.equal((await reach(at('postgres'))).tls, 'off')
      assert.equal((await reach(at('postgres', 'sslmode=disable'))).tls, 'off')
    })

    it('is encrypted with sslmode=require, whoever signed the certificate', async () => {
      assert.equal((await reach(at('postgres', 'sslmode=require'))).tls, 'on')
    })

    it('checks who signed the certificate with verify-ca, and with require where an authority is named', async () => {
      for (const mode of ['verify-ca', 'require']) {
        assert.equal((await reach(at('postgres', `sslmode=${mode}&sslrootcert=${authority.file}`))).tls, 'on')
        const message = await refusal(at('postgres', `sslmode=${mode}&sslrootcert=${stranger.file}`))
        assert.match(
          message,
          /^PostgreSQL cannot be reached at postgres:\/\/127\.0\.0\.1:\d+\/postgres \(.*certificate/,
        )
      }
      assert.match(await refusal(at('postgres', 'sslmode=verify-ca')), /certificate/)
    })

    it('checks with verify-full whose the certificate is, too', async () => {
      const options = `sslmode=verify-full&sslrootcert=${authority.file}`
      assert.equal((await reach(at('postgres', options, 'localhost'))).tls, 'on')
      assert.match(await refusal(at('postgres', options)), /IP: 127\.0\.0\.1 is not in the cert's list/)
      const strange = `sslmode=verify-full&sslrootcert=${stranger.file}`
      assert.match(await refusal(at('postgres', strange, 'localhost')), /certificate/)
    })

    it('shows a certificate of its own where the server wants one', async () => {
      const files = `sslmode=verify-ca&sslrootcert=${authority.file}`
      const own = `${files}&sslcert=${client.certificateFile}&sslkey=${client.keyFile}`
      assert.equal((await reach(at('with_card', own))).tls, 'on')
      assert.match(await refusal(at('with_card', files)), /^PostgreSQL refused the user with_card: /)
    })

    it('is refused where a file of certificates cannot be read, or is none', async () => {
      const missing = await refusal(at('postgres', 'sslmode=verify-ca&sslrootcert=/no/such/file'))
      assert.match(missing, /^The file that sslrootcert in DATABASE_URL names cannot be read/)
      const path = join(makeDirectory(), 'no-certificate')
      writeFileSync(path, 'no certificate')
      const odd = await refusal(at('postgres', `sslmode=verify-ca&sslrootcert=${path}`))
      assert.match(odd, /certificate/)
    })

    it('is refused, not plain, where the server has no TLS', async () => {
      const plain = await startPostgres({ settings: FAST })
      try {
        assert.match(await refusal(`${plain.url('postgres')}&sslmode=require`), /does not support SSL/)
      } finally {
        plain.destroy()
      }
    })
  })

  describe('with a password', () => {
    it('takes it from the URL, or from beside it, which comes first', async () => {
      const coded = encodeURIComponent(PASSWORD)
      const { location } = await reach(at(`with_password:${coded}`))
      assert.equal(location, `postgres://127.0.0.1:${server.port}/postgres`)
      await reach(at('with_password'), { password: PASSWORD })
      await reach(at('with_password:wrong-guess'), { password: PASSWORD })
    })

    it('is refused with one sentence where it is wrong or missing', async () => {
      for (const login of ['with_password:wrong-guess', 'with_password:', 'with_password']) {
        const message = await refusal(at(login))
        assert.match(message, /^PostgreSQL refused the user with_password: check the password/, login)
      }
      assert.match(await refusal(at('nobody_may')), /^PostgreSQL refused the user nobody_may/)
    })
  })

  it('is refused with one sentence where there is no such database or user', async () => {
    const url = at('postgres').replace('/postgres?', '/no_such_database?')
    assert.match(await refusal(url), /^PostgreSQL has no database no_such_database: make it with createdb/)
    assert.match(await refusal(at('no_such_user')), /^PostgreSQL refused the user no_such_user/)
  })

  it('is refused with one sentence where there is no server', async () => {
    const port = await findFreePort()
    const message = await refusal(`postgres://me@127.0.0.1:${port}/auth`)
    assert.match(message, new RegExp(`^PostgreSQL cannot be reached at postgres://127\\.0\\.0\\.1:${port}/auth `))
    assert.match(message, /check that the server runs, and that DATABASE_URL is right\.$/)
    assert.match(await refusal('postgres://me@/auth?host=/no/such/place'), /cannot be reached at postgres:\/\/\/no/)
    assert.match(await refusal(`postgres://me@localhost:${port}/auth`), /^PostgreSQL cannot be reached .*refused/i)
    assert.match(await refusal('postgres://me@no-such-host.invalid/auth'), /^PostgreSQL cannot be reached/)
  })
})
