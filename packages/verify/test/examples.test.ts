import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { dieTogether } from '../../../server/test/kit/server-process.ts'
import { type Latchkey, type SignedIn, startLatchkey } from './kit/start-latchkey.ts'

const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url))
/** Runs the packages from their sources, which nobody has to build first. */
const FROM_SOURCE = ['--conditions=latchkey-source']

/** Hono's example is an app, which runs anywhere; this gives it a port, as `@hono/node-server` does. */
const SERVE_APP = `
import { createServer } from 'node:http'
const { app } = await import(process.argv[1])
const server = createServer(async (request, response) => {
  const answer = await app.fetch(new Request('http://localhost' + request.url, { headers: request.headers }))
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
})
server.listen(0, () => console.log('listening', server.address()))
`

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  express: [`${EXAMPLES}/express/server.ts`],
  fastify: [`${EXAMPLES}/fastify/server.ts`],
  hono: ['--input-type=module', '--eval', SERVE_APP, `${EXAMPLES}/hono/app.ts`],
}

describe('the examples', () => {
  let latchkey: Latchkey
  let tokens: SignedIn
  let env: Record<string, string>
  before(async () => {
    latchkey = await startLatchkey()
    const { clientId, clientSecret } = await latchkey.createService('examples')
    env = { LATCHKEY_URL: latchkey.url, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, PORT: '0' }
    tokens = await latchkey.signIn()
  })
  after(() => latchkey.stop())

  for (const [name, command] of Object.entries(COMMANDS)) {
    it(`let whoever has a good token in, and nobody else: ${name}`, async () => {
      const { url, end } = await start(command, env)
      const ask = async (path: string, token?: string) => {
        const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
        const answer = await fetch(`${url}${path}`, { headers })
        return { status: answer.status, json: await answer.json() }
      }
      assert.deepEqual(await ask('/public'), { status: 200, json: { hello: 'everybody' } })
      for (const token of [tokens.access, tokens.v1, tokens.drfJwt, tokens.expressJwt, tokens.key]) {
        const { status, json } = await ask('/me', token)
        assert.equal(status, 200, JSON.stringify(json))
        assert.match(JSON.stringify(json), /^\{"subject":"[0-9a-f-]{36}"\}$/)
      }
      assert.equal((await ask('/staff', tokens.access)).status, 403)
      for (const token of [undefined, 'x', tokens.refresh, `${tokens.access.slice(0, -4)}AAAA`, '0'.repeat(40)]) {
        assert.equal((await ask('/me', token)).status, 401)
        assert.equal((await ask('/staff', token)).status, 401)
      }
      await end()
    })
  }
})

/** Starts a program that listens on some port of this machine and says on which. */
async function start(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [...FROM_SOURCE, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  dieTogether(child)
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk)
    const port = /port: (\d+)/.exec(stdout)?.[1]
    if (port !== undefined) resolve(port)
  })
  child.stderr.on('data', (chunk) => (stderr += String(chunk)))
  const ended = once(child, 'close')
  ended.then(() => reject(new Error(`It ended: ${stderr}`)), reject)
  const port = await promise
  for (const handle of [child, child.stdout as Socket, child.stderr as Socket]) handle.unref()
  return {
    url: `http://localhost:${port}`,
    async end() {
      child.ref()
      child.kill()
      await ended
    },
  }
}
