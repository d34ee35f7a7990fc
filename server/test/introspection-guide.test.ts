import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readGuide, runStep, type Step } from './kit/guide.ts'
import { meetNeed, NEEDS } from './kit/needs.ts'
import { ask, makeDirectory, type ServerProcess, startServerProcess } from './kit/server-process.ts'

const PAGE = 'docs/introspection.md'
const PERSON = { username: 'ada', email: 'ada@example.com', password: 'Password-1-ada' }

/** What is different each time. */
const FRESH = ['sub', 'sid', 'exp', 'iat', 'jti']
const ID = /svc_[0-9a-f]{16}/g

describe('the page on introspection', () => {
  const directory = makeDirectory()
  const env: Record<string, string> = {
    DATABASE_URL: `sqlite:${join(directory, 'latchkey.db')}`,
    LATCHKEY_SECRET: 'only-tests-have-this-secret-0123456789abcdef',
    LATCHKEY_PUBLIC_URL: 'http://localhost:8000',
  }
  let server: ServerProcess
  before(async () => {
    meetNeed(NEEDS.curl)
    server = await startServerProcess(env)
  })
  after(async () => {
    server.terminate()
    await server.ended
  })

  it('shows what its commands do, in the order in which it shows them', async () => {
    const { username, email, password } = PERSON
    await ask(`${server.url}/registration/`, { json: { name: 'Ada Lovelace', username, email, password } })
    const login = await ask(`${server.url}/simplejwt/api/users/login/`, { json: { username, password } })
    const token = (login.json as Readonly<Record<string, string>>).access ?? ''
    /** The id on the page, and the one that this run made in its place. */
    const ids = new Map<string, string>()
    let made = ''

    const steps = readGuide(PAGE)
    assert.deepEqual([steps.length, steps.filter(({ shown }) => shown !== null).length], [8, 5])
    for (const step of steps) {
      const command = step.command.replaceAll(ID, (id) => {
        if (!ids.has(id)) ids.set(id, made)
        return ids.get(id) ?? ''
      })
      const variables = { TOKEN: token, CLIENT_ID: [...ids.values()][0] ?? '', LOG_LEVEL: 'silent' }
      const { stdout, stderr } = await runStep(
        { ...step, command },
        { url: server.url, directory, env: { ...env, ...variables } },
      )
      made = stderr.match(ID)?.[0] ?? made
      assertShown(step, { stdout, stderr })
    }
    assert.equal(ids.size, 2)

    const [deleted = ''] = ids.values()
    const secret = readFileSync(join(directory, 'billing.secret'), 'utf8').trim()
    const authorization = `Basic ${btoa(`${deleted}:${secret}`)}`
    const introspect = () =>
      fetch(`${server.url}/v1/introspect`, {
        method: 'POST',
        headers: { authorization },
        body: new URLSearchParams({ token }),
      })
    // Another process deleted it: here that is felt within a second, or later on a machine that is busy.
    const deadline = Date.now() + 60_000
    while ((await introspect()).status !== 401 && Date.now() < deadline) await sleep(50)
    assert.equal((await introspect()).status, 401)
    assert.equal((await ask(`${server.url}/v1/session`, { method: 'GET', token })).status, 401)
  })
})

function assertShown({ command, shown }: Step, { stdout, stderr }: { stdout: string; stderr: string }): void {
  if (shown === null) return
  if (!shown.startsWith('{')) {
    const said = stderr === '' ? stdout : stderr
    assert.equal(said.replaceAll(ID, 'svc_'), shown.replaceAll(ID, 'svc_'), command)
    return
  }
  const [told, promised] = [stdout, shown].map((text) => JSON.parse(text) as Record<string, unknown>)
  assert.ok(told !== undefined && promised !== undefined)
  assert.deepEqual(Object.keys(told), Object.keys(promised), command)
  for (const [name, value] of Object.entries(promised)) {
    if (FRESH.includes(name)) assert.equal(typeof told[name], typeof value, name)
    else assert.deepEqual(told[name], value, name)
  }
}
