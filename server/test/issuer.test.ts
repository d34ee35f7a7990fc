import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadConfig } from '../src/config/load-config.ts'
import { CONTRACT_NAMES } from '../src/contracts/index.ts'
import { createLog } from '../src/log.ts'
import { type Latchkey, openLatchkey } from '../src/open-latchkey.ts'
import { startServer } from '../src/start.ts'
import { LOCAL, PASSWORD } from './kit/clients.ts'
import { createSharedDatabase } from './kit/postgres.ts'

describe('the issuer of tokens', () => {
  it('stays what it was at the first start where none was set, whatever the port', async () => {
    const env = await newDatabase()
    const first = await open({ ...env, PORT: '8001' })
    const old = await openSession(first, 'ada')
    const second = await open({ ...env, PORT: '8002' })
    const token = await openSession(second, 'grace')
    for (const { core } of [first, second]) {
      assert.equal((await core.checkAccess(old, LOCAL)).account.username, 'ada')
      assert.equal((await core.checkAccess(token, LOCAL)).account.username, 'grace')
    }
    assert.deepEqual([readIssuer(old), readIssuer(token)], ['http://localhost:8001', 'http://localhost:8001'])
    await first.close()
    await second.close()
  })

  it('is one for all of those that start first at the same moment', async () => {
    const env = await newDatabase()
    const opened = await Promise.all(['8001', '8002', '8003', '8004'].map((PORT) => open({ ...env, PORT })))
    const tokens = await Promise.all(opened.map((latchkey, index) => openSession(latchkey, `somebody-${index}`)))
    for (const { core } of opened) {
      for (const token of tokens) assert.equal((await core.checkAccess(token, LOCAL)).session.contract, 'a-door')
    }
    assert.equal(new Set(tokens.map(readIssuer)).size, 1)
    await Promise.all(opened.map(({ close }) => close()))
  })

  it('is what the metadata names, whatever the port; the endpoints are where the server is', async () => {
    const env = await newDatabase()
    const first = await open({ ...env, PORT: '8001' })
    const token = await openSession(first, 'ada')
    await first.close()
    const config = loadConfig({ env: { ...env, PORT: '8002', LOG_LEVEL: 'silent' }, contractNames: CONTRACT_NAMES })
    const server = await startServer({ ...config, port: 0 })
    const answer = await fetch(`${server.url}/.well-known/oauth-authorization-server`)
    const metadata = (await answer.json()) as Readonly<Record<string, unknown>>
    assert.deepEqual([metadata.issuer, readIssuer(token)], ['http://localhost:8001', 'http://localhost:8001'])
    assert.equal(metadata.introspection_endpoint, 'http://localhost:8002/v1/introspect')
    await server.stop()
  })

  it('is the one that is set, where one is: tokens of another are dead for as long', async () => {
    const env = await newDatabase()
    const before = await open(env)
    const old = await openSession(before, 'ada')
    await before.close()

    const set = await open({ ...env, LATCHKEY_PUBLIC_URL: 'https://auth.example.com' })
    await assert.rejects(set.core.checkAccess(old, LOCAL), { code: 'invalid_access_token' })
    const token = await openSession(set, 'grace')
    assert.equal(readIssuer(token), 'https://auth.example.com')
    assert.equal((await set.core.checkAccess(token, LOCAL)).account.username, 'grace')
    await set.close()

    const after = await open(env)
    assert.equal((await after.core.checkAccess(old, LOCAL)).account.username, 'ada')
    await assert.rejects(after.core.checkAccess(token, LOCAL), { code: 'invalid_access_token' })
    await after.close()
  })
})

async function newDatabase(): Promise<Readonly<Record<string, string>>> {
  return {
    DATABASE_URL: (await createSharedDatabase()).url,
    LATCHKEY_SECRET: 'only-tests-have-this-secret-0123456789abcdef',
  }
}

async function open(env: Readonly<Record<string, string>>): Promise<Latchkey> {
  const log = createLog('silent', { write() {} }, { isForPeople: false })
  return openLatchkey(loadConfig({ env, contractNames: CONTRACT_NAMES }), { log })
}

async function openSession({ core }: Latchkey, username: string): Promise<string> {
  const authenticated = await core.register({ username, password: PASSWORD }, LOCAL)
  const claims = ({ id }: { id: number }) => ({ user_id: id })
  const request = { client: LOCAL, lifetime: 1000, claims }
  return (await core.openJwtSession(authenticated, request)).token
}

function readIssuer(token: string): string {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).iss
}
