import type { ServerResponse } from 'node:http'
import { type Receiver, startReceiver } from './webhook-receiver.ts'

/** Somebody whom an old server knows. */
export type OldUser = { readonly id: number | string; readonly password: string; readonly email?: string }

/** An old server on loopback that has every document's login. */
export type OldServer = Receiver & {
  /** Its origin. */
  readonly url: string
  /** Whom it knows, by the name that they type. */
  readonly users: Map<string, OldUser>
  /** What it was asked, in order: the fields of each login. */
  readonly asked: () => readonly Readonly<Record<string, string>>[]
  /** Has it answer as its documents say again. */
  behave(): void
}

/** Starts a server that answers logins to the letter of the five documents, and keeps what it was sent. */
export async function startOldServer(users: Readonly<Record<string, OldUser>> = {}): Promise<OldServer> {
  const receiver = await startReceiver()
  const known = new Map(Object.entries(users))
  const asked = () => receiver.received.map(({ body }): Record<string, string> => JSON.parse(body))
  const behave = () => receiver.answer((_request, response) => reply(response))
  behave()
  return { ...receiver, url: `http://127.0.0.1:${receiver.port}`, users: known, asked, behave }

  function reply(response: ServerResponse): void {
    const request = receiver.received.at(-1)
    const { email, username = email ?? '', password } = asked().at(-1) ?? {}
    const user = known.get(username)
    const isRight = user !== undefined && user.password === password
    const [status, body] = answerAt(request?.path ?? '', {
      user: isRight ? user : null,
      username,
      isByEmail: email !== undefined,
      isKnown: user !== undefined,
    })
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
}

/** A JWT that nobody checks. */
export function unsigned(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.c2lnbmF0dXJl`
}

type Login = {
  readonly user: OldUser | null
  readonly username: string
  readonly isByEmail: boolean
  readonly isKnown: boolean
}

function answerAt(path: string, login: Login): readonly [number, object] {
  const { user } = login
  if (path === '/user/login/') {
    if (user === null) return [400, { non_field_errors: ['A user with this email and password was not found.'] }]
    const profile = { name: 'Ada Lovelace', username: 'ada', phone_number: '+4915112345678' }
    return [200, { ...profile, token: unsigned({ id: user.id, exp: 2_000_000_000 }) }]
  }
  if (path === '/api/auth/login/') {
    const msg = login.isKnown ? 'user password incorrect' : "User doesn't exist"
    if (user === null) return [400, { status: 'fail', errors: { main: { msg } } }]
    return [200, { status: 'success', token: unsigned({ user: { id: user.id } }) }]
  }
  if (path === '/api/users/login/' && login.isByEmail) {
    if (user === null) return [400, { non_field_errors: ['Unable to log in with provided credentials.'] }]
    return [200, { key: 'abc123def456ghi789jkl' }]
  }
  if (path === '/api/users/login/') {
    if (user === null) return [401, { detail: 'No active account found with the given credentials' }]
    const more = user.email === undefined ? {} : { email: user.email }
    const access = unsigned({ token_type: 'access', user_id: user.id, ...more })
    return [200, { refresh: unsigned({ token_type: 'refresh', user_id: user.id }), access }]
  }
  return [404, { detail: 'Not found.' }]
}
