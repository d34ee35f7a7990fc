import { type Child, startChild } from '../processes/start-child.ts'
import { CORES } from '../tools/describe-machine.ts'
import { writeRequest } from '../tools/write-request.ts'
import type { SpreadResult, SpreadTask } from './generate-spread-load.ts'
import { emailOf, keyOf, PASSWORD } from './made-up.ts'
import type { Site } from './open-site.ts'
import { pick, signToken } from './operations.ts'

/** A process that asks, each time for another account. */
export type SpreadLoad = Child<SpreadTask, SpreadResult>

/** Starts the load generator. */
export function startSpreadLoad(): SpreadLoad {
  return startChild('../scale/generate-spread-load.ts', Math.max(4, CORES + 2))
}

/** Requests of each kind, for accounts spread over the whole table. */
export type Requests = Readonly<Record<'key' | 'jwt' | 'refresh' | 'login', readonly string[]>>

const CLIENTS = 4000
/** So few that a server has soon seen them all: it remembers their tokens' signatures, and looks up the session alone. */
const KNOWN_CLIENTS = 1000
/** More than a server remembers: a client refreshes so seldom that its refresh token has been forgotten. */
const REFRESHERS = 12_000

/** Makes the requests that owners of accounts would send. */
export async function writeRequests(site: Site): Promise<Requests> {
  const check = (token: string) => writeRequest({ method: 'GET', path: '/v1/session', token })
  const refresh = (token: string) =>
    writeRequest({ method: 'POST', path: '/api/users/token/refresh/', body: { refresh: token } })
  const login = (email: string) =>
    writeRequest({ method: 'POST', path: '/api/users/login/', body: { email, password: PASSWORD } })
  const requests = { key: [] as string[], jwt: [] as string[], refresh: [] as string[], login: [] as string[] }
  for (let index = 0; index < CLIENTS; index++) {
    requests.key.push(check(keyOf(pick(site.accounts))))
    requests.login.push(login(emailOf(pick(site.accounts))))
  }
  for (let index = 0; index < KNOWN_CLIENTS; index++) {
    requests.jwt.push(check(await signToken(site, pick(site.accounts), 'access')))
  }
  for (let index = 0; index < REFRESHERS; index++) {
    requests.refresh.push(refresh(await signToken(site, pick(site.accounts), 'refresh')))
  }
  return requests
}
