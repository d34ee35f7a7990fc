import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { ConnectionError, createSimpleJwtClient } from '../src/index.ts'
import { startBackEnd } from './kit/back-end.ts'

describe('a token', () => {
  const start = async (t: TestContext, location?: string) => {
    const server = await startBackEnd((_request, response) => {
      response.writeHead(location === undefined ? 204 : 307, location === undefined ? {} : { location }).end()
    })
    t.after(() => server.close())
    return server
  }

  it('goes to Latchkey and to the origins that were named, and to nobody else', async (t) => {
    const [latchkey, named, foreign] = [await start(t), await start(t), await start(t)]
    const client = createSimpleJwtClient({ url: `${latchkey.url}/auth/`, origins: [`${named.url}/api/`] })
    await client.adopt({ access: 'abc' })
    for (const { url } of [latchkey, named, foreign]) await client.fetch(`${url}/things`)
    assert.deepEqual(latchkey.seen, ['GET /things Bearer abc'])
    assert.deepEqual(named.seen, ['GET /things Bearer abc'])
    assert.deepEqual(foreign.seen, ['GET /things -'])
  })

  it('does not follow a redirect to somebody else', async (t) => {
    const foreign = await start(t)
    const latchkey = await start(t, `${foreign.url}/elsewhere`)
    const client = createSimpleJwtClient({ url: latchkey.url })
    await client.adopt({ access: 'abc', refresh: 'def' })
    await client.fetch(`${latchkey.url}/things`)
    assert.deepEqual(foreign.seen, ['GET /elsewhere -'])
    await assert.rejects(client.refresh(), ConnectionError)
    await assert.rejects(client.session(), ConnectionError)
    assert.deepEqual(foreign.seen, ['GET /elsewhere -'])
  })

  it('and what is asked at a path goes to no host that the path makes up', async () => {
    const asked: string[] = []
    const answer = async ({ url }: Request) => {
      asked.push(url)
      return new Response('{}')
    }
    const client = createSimpleJwtClient({ url: 'https://auth.example.com', fetch: answer })
    for (const path of ['.example.net/login/', '@example.net/login/', ':8443/login/', 'login/', '']) {
      await assert.rejects(client.request(path, { json: { password: 'a-secret' } }), TypeError, path)
    }
    await client.request('//example.net/login/')
    assert.deepEqual(asked, ['https://auth.example.com//example.net/login/'])
  })

  it('leaves an Authorization alone that the caller gave', async (t) => {
    const latchkey = await start(t)
    const client = createSimpleJwtClient({ url: latchkey.url })
    await client.adopt({ access: 'abc' })
    await client.fetch(new Request(`${latchkey.url}/things`, { headers: { Authorization: 'Basic x' } }))
    assert.deepEqual(latchkey.seen, ['GET /things Basic x'])
  })

  it('is not in an error', async (t) => {
    const latchkey = await start(t)
    const client = createSimpleJwtClient({ url: latchkey.url })
    await client.adopt({ access: 'a-secret', refresh: 'another-secret' })
    await latchkey.close()
    await assert.rejects(client.session(), (error) => {
      assert.ok(error instanceof Error)
      assert.ok(!`${error.stack} ${String(error.cause)} ${JSON.stringify(error)}`.includes('secret'))
      return true
    })
  })

  it('is for a server that can be asked', () => {
    for (const url of ['ftp://auth.example.com', 'https://user:password@auth.example.com', 'https://a.example/?b']) {
      assert.throws(() => createSimpleJwtClient({ url }), TypeError, url)
    }
    assert.throws(() => createSimpleJwtClient({ url: 'https://a.example', origins: ['data:,x'] }), TypeError)
  })
})
