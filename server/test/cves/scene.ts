import assert from 'node:assert/strict'
import type { Config } from '../../src/config/config.ts'
import {
  CONTRACT_LOGINS,
  type LoginDoor,
  loginOf,
  makePerson,
  REGISTRATIONS,
  registrationOf,
  tokenOf,
} from '../kit/doors.ts'
import { LIGHT_HASHING } from '../kit/hashing.ts'
import { startTestApp, type TestApp, type TestOptions } from '../kit/start-test-app.ts'
import { send, type TableRequest, type WireAnswer } from '../kit/wire.ts'

/** Whom attacks are aimed at. */
export const VICTIM = makePerson('victim')
export const ATTACKER = makePerson('attacker')
/** A proxy that is trusted where a scene has `BEHIND_PROXY`. */
export const PROXY = '192.0.2.1'
export const BEHIND_PROXY = { trustedProxies: [PROXY] } as const
/** Letters are kept by the test, whatever this says. */
export const WITH_MAIL = { mailUrl: 'file:///letters' } as const

/** Plays an attack on an app of its own, and closes it however that ends. */
export async function onApp(
  play: (test: TestApp) => Promise<void>,
  { config = {}, ...options }: Omit<TestOptions, 'config'> & { config?: Partial<Config> } = {},
): Promise<void> {
  const test = await startTestApp({ ...options, config: { ...LIGHT_HASHING, ...config } })
  try {
    await play(test)
  } finally {
    await test.close()
  }
}

/** Signs somebody up with a name, an address and a password. */
export async function signUp(test: TestApp, person = VICTIM): Promise<number> {
  const [door] = REGISTRATIONS
  assert.ok(door)
  const answer = await send(test, registrationOf(door, person))
  assert.equal(answer.status, door.created, answer.text)
  return idOf(test, person.email)
}

/** The number of an account that is there. */
export async function idOf(test: TestApp, name: string): Promise<number> {
  const account = await test.core.administration.findAccount(name)
  assert.ok(account, `${name} has an account`)
  return account.id
}

/** The first documented login of a contract. */
export function loginDoor(contract: string): LoginDoor {
  const door = CONTRACT_LOGINS.find((login) => login.contract === contract)
  assert.ok(door)
  return door
}

/** Signs in through a contract's door. */
export async function signIn(
  test: TestApp,
  { contract = 'simplejwt', email = VICTIM.email, password = VICTIM.password } = {},
): Promise<WireAnswer> {
  return send(test, loginOf(loginDoor(contract), email, password))
}

/** Tokens of one session a contract. */
export async function signInEverywhere(test: TestApp, person = VICTIM): Promise<readonly string[]> {
  const tokens: string[] = []
  for (const { contract } of CONTRACT_LOGINS) tokens.push(tokenOf(await signIn(test, { contract, ...person })))
  return tokens
}

/** Whether anything can be done with a token. */
export async function isAlive(test: TestApp, token: string): Promise<boolean> {
  const { status } = await asOwner(test, token, { method: 'GET', path: '/v1/session' })
  return status === 200
}

/** Sends a request with a token. */
export function asOwner(test: TestApp, token: string, request: TableRequest): Promise<WireAnswer> {
  return send(test, { ...request, headers: { authorization: `Bearer ${token}`, ...request.headers } })
}

/** Sends JSON. */
export function post(test: TestApp, path: string, json: unknown): Promise<WireAnswer> {
  return send(test, { method: 'POST', path, json })
}

/** Sends JSON from an address of one's own, with whatever forwarded header one makes up. */
export async function postFrom(
  { app }: TestApp,
  { peer, forwarded }: { peer: string; forwarded?: string },
  { path, json }: { path: string; json: unknown },
): Promise<number> {
  const { statusCode } = await app.inject({
    method: 'POST',
    url: path,
    remoteAddress: peer,
    headers: {
      'content-type': 'application/json',
      ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
    },
    payload: JSON.stringify(json),
  })
  return statusCode
}

/** How many passwords a piece of play has had checked. */
export async function countChecks(test: TestApp, play: () => Promise<unknown>): Promise<number> {
  const before = test.hasherCalls.verify
  await play()
  return test.hasherCalls.verify - before
}

/** `count` wrong passwords for one name at once, over all contracts. */
export function guessAtOnce(test: TestApp, count: number, email = VICTIM.email): Promise<readonly WireAnswer[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) => {
      const { contract } = CONTRACT_LOGINS[index % CONTRACT_LOGINS.length] ?? loginDoor('simplejwt')
      return signIn(test, { contract, email, password: `A-wrong-guess-${index}` })
    }),
  )
}
