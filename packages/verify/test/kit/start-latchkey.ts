import assert from 'node:assert/strict'
import { join } from 'node:path'
import { findFreePort } from '../../../../server/test/kit/ports.ts'
import { runCli } from '../../../../server/test/kit/run-cli.ts'
import {
  ask,
  makeDirectory,
  type ServerProcess,
  startServerProcess,
} from '../../../../server/test/kit/server-process.ts'

const EMAIL = 'ada@example.com'
const PASSWORD = 'Password-123-for-ada'

/** A real Latchkey that is its own issuer at the address where it listens, with one account, `ada@example.com`. */
export type Latchkey = {
  readonly url: string
  /** Signs in at every door: a signed token of each, and a key. */
  signIn(): Promise<SignedIn>
  /** Runs a command on its database. @returns what it printed. */
  run(...args: readonly string[]): Promise<string>
  /** Registers a service that may introspect. */
  createService(name: string): Promise<{ clientId: string; clientSecret: string }>
  /** Ends the server; `start` starts it again at the same address. */
  stop(): Promise<void>
  start(): Promise<void>
}

/** The tokens of one sign-in at each door. */
export type SignedIn = {
  readonly drfJwt: string
  readonly expressJwt: string
  readonly access: string
  readonly refresh: string
  readonly v1: string
  readonly v1Refresh: string
  readonly key: string
}

/** Starts it on a port that was free a moment ago, or on another where somebody else took that one. */
export async function startLatchkey(settings: Readonly<Record<string, string>> = {}): Promise<Latchkey> {
  const env: Record<string, string> = {
    DATABASE_URL: `sqlite:${join(makeDirectory(), 'latchkey.db')}`,
    LATCHKEY_SECRET: 'only-tests-have-this-secret-0123456789abcdef',
    LOG_LEVEL: 'info',
    ...settings,
  }
  let server: ServerProcess | null = null
  for (let tries = 0; server === null; tries++) {
    const port = await findFreePort()
    Object.assign(env, { PORT: String(port), LATCHKEY_PUBLIC_URL: `http://127.0.0.1:${port}` })
    server = await startServerProcess(env).catch((error) => {
      if (tries === 5) throw error
      return null
    })
  }
  let running: ServerProcess = server
  const { url } = running

  const post = async (path: string, json: unknown): Promise<Readonly<Record<string, string>>> => {
    const answer = await ask(`${url}${path}`, { json })
    assert.ok(answer.status < 300, `${path} answered ${answer.status} ${JSON.stringify(answer.json)}`)
    return answer.json as Readonly<Record<string, string>>
  }

  const run = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCli(args, { env: { ...env, LOG_LEVEL: 'silent' } })
    assert.equal(code, 0, stderr)
    return stdout
  }

  const names = { first_name: 'Ada', last_name: 'King', email: EMAIL }
  await post('/api/users/registration/', { ...names, password1: PASSWORD, password2: PASSWORD })

  return {
    url,
    run,
    async signIn() {
      const credentials = { email: EMAIL, password: PASSWORD }
      const [drfJwt, expressJwt, pair, v1, key] = await Promise.all([
        post('/user/login/', credentials),
        post('/api/auth/login/', credentials),
        post('/api/users/login/', { username: EMAIL, password: PASSWORD }),
        post('/v1/sessions', { identifier: EMAIL, password: PASSWORD }),
        post('/api/users/login/', credentials),
      ])
      return {
        drfJwt: String(drfJwt.token),
        expressJwt: String(expressJwt.token),
        access: String(pair.access),
        refresh: String(pair.refresh),
        v1: String(v1.access_token),
        v1Refresh: String(v1.refresh_token),
        key: String(key.key),
      }
    },
    async createService(name) {
      const made: unknown = JSON.parse(await run('clients', 'create', name, '--json'))
      const { id, secret } = made as Readonly<Record<'id' | 'secret', string>>
      return { clientId: id, clientSecret: secret }
    },
    async stop() {
      running.terminate()
      await running.ended
    },
    async start() {
      running = await startServerProcess(env)
    },
  }
}

/** Ends the login that a token belongs to. */
export async function signOut({ url }: Pick<Latchkey, 'url'>, token: string): Promise<void> {
  const { status } = await ask(`${url}/v1/session`, { method: 'DELETE', token })
  assert.equal(status, 204)
}
