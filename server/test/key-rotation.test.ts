import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestDatabase, type TestDatabase } from './kit/postgres.ts'
import { runCli } from './kit/run-cli.ts'
import { ask, makeDirectory, type ServerProcess, startServerProcess } from './kit/server-process.ts'
import { until } from './kit/worker-processes.ts'

const PASSWORD = 'Password-1'
const SECRET = 'only-tests-have-this-secret-0123456789abcdef'
const CLIENTS = 4
/** Between two requests of a client, in milliseconds: what is tried is what happens meanwhile, not how much. */
const PAUSE = 10

type Scene = {
  readonly makeDatabase: () => Promise<Pick<TestDatabase, 'url' | 'drop'>>
  readonly start: (env: Readonly<Record<string, string>>) => Promise<readonly ServerProcess[]>
}

const SCENES: Readonly<Record<string, Scene>> = {
  'two processes on PostgreSQL': {
    makeDatabase: createTestDatabase,
    start: async (env) => [await startServerProcess(env), await startServerProcess(env)],
  },
  'two workers on SQLite': {
    makeDatabase: async () => ({ url: `sqlite:${join(makeDirectory(), 'latchkey.db')}`, drop: async () => {} }),
    start: async (env) => [await startServerProcess(env, ['--workers', '2'])],
  },
}

describe('keys that are changed under load', { concurrency: true }, () => {
  for (const [name, { makeDatabase, start }] of Object.entries(SCENES)) {
    describe(`of ${name}`, () => {
      let database: Pick<TestDatabase, 'url' | 'drop'>
      let servers: readonly ServerProcess[] = []
      let env: Readonly<Record<string, string>>
      before(async () => {
        database = await makeDatabase()
        env = { DATABASE_URL: database.url, LATCHKEY_SECRET: SECRET, LATCHKEY_LIMITS: 'off' }
        servers = await start(env)
      })
      after(async () => {
        for (const server of servers) server.terminate()
        const ends = await Promise.all(servers.map(({ ended }) => ended))
        await database.drop()
        for (const { code, stderr } of ends) assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
      })

      it('leave every token good whose key is, and no request without an answer', async () => {
        const load = createLoad(servers.map(({ url }) => url))
        try {
          await Promise.all(Array.from({ length: CLIENTS }, (_, index) => load.join(`client-${index}`)))
          await changeKeys(load)
        } finally {
          await load.stop()
        }
        assert.deepEqual(load.flaws, [])
        for (const kid of load.revoked) assert.ok((load.taken.get(kid) ?? 0) > 0, `${kid} was never used`)
      })

      async function changeKeys(load: Load): Promise<void> {
        const [first = ''] = await load.seen(1)
        const rotated = JSON.parse((await keys('rotate', '--in', '5s', '--json')).stdout)
        const [, second = ''] = await load.seen(2)
        assert.equal(second, rotated.kid)

        // A key that has retired, which signed what everybody signed in with.
        load.revoked.add(first)
        assert.equal((await keys('revoke', first, '--yes')).code, 0)
        await load.dead(first)

        // The one that signs: another must be taken at once wherever it was not known a moment ago.
        load.revoked.add(second)
        const { signing } = JSON.parse((await keys('revoke', second, '--yes', '--json')).stdout)
        await load.dead(second)
        const [, , third] = await load.seen(3)
        assert.equal(third, signing)
      }

      function keys(...args: string[]) {
        return runCli(['keys', ...args], { env })
      }
    })
  }
})

type Load = ReturnType<typeof createLoad>

/** Clients that sign in, refresh at one server, and use what they get at another. */
function createLoad(urls: readonly string[]) {
  const flaws: string[] = []
  const revoked = new Set<string>()
  const kids: string[] = []
  const tokens = new Map<string, string>()
  const taken = new Map<string, number>()
  const going: Promise<void>[] = []
  let isOver = false
  let turns = 0

  function nextUrl(): string {
    return urls[turns++ % urls.length] ?? ''
  }

  async function signIn(username: string): Promise<string> {
    const json = { username, password: PASSWORD }
    const { status, json: pair } = await ask(`${nextUrl()}/simplejwt/api/users/login/`, { json })
    if (status !== 200) flaws.push(`A login was answered ${status}.`)
    const { access = '', refresh = '' } = pair as { access?: string; refresh?: string }
    await use(access)
    return refresh
  }

  /** What was just signed at one place has to be good at the next. */
  async function use(token: string): Promise<void> {
    const kid = kidOf(token)
    if (!kids.includes(kid)) kids.push(kid)
    tokens.set(kid, token)
    const { status } = await ask(`${nextUrl()}/v1/session`, { method: 'GET', token })
    if (status === 200) taken.set(kid, (taken.get(kid) ?? 0) + 1)
    else if (status !== 401 || !revoked.has(kid)) flaws.push(`A token of ${kid} was answered ${status}.`)
  }

  return {
    flaws,
    revoked,
    taken,
    stop: async () => {
      isOver = true
      await Promise.all(going)
    },

    /** Has somebody sign up, sign in, and go on until all is stopped. */
    async join(username: string): Promise<void> {
      const { status } = await ask(`${nextUrl()}/simplejwt/api/users/register/`, {
        json: { username, password: PASSWORD },
      })
      if (status !== 201) flaws.push(`A registration was answered ${status}.`)
      let refresh = await signIn(username)
      const go = async () => {
        while (!isOver) {
          const answer = await ask(`${nextUrl()}/simplejwt/api/users/token/refresh/`, { json: { refresh } })
          if (answer.status === 200) await use((answer.json as { access: string }).access)
          else if (answer.status === 401 && revoked.has(kidOf(refresh))) refresh = await signIn(username)
          else flaws.push(`A refresh was answered ${answer.status}.`)
          await sleep(PAUSE)
        }
      }
      going.push(go())
    },

    /** The keys that have signed so far, once there are so many. */
    async seen(count: number): Promise<readonly string[]> {
      await until(() => kids.length >= count, `${count} keys have not signed`)
      return kids
    },

    /** Resolves when a token of a key is refused wherever one asks. */
    dead: (kid: string) =>
      until(async () => {
        const asked = [...urls, ...urls].map((url) =>
          ask(`${url}/v1/session`, { method: 'GET', token: tokens.get(kid) ?? '' }),
        )
        return (await Promise.all(asked)).every(({ status }) => status === 401)
      }, `a token of ${kid} is good`),
  }
}

function kidOf(token: string): string {
  return String(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid)
}
