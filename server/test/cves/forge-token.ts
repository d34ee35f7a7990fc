import assert from 'node:assert/strict'
import { CONTRACT_LOGINS, refreshTokenOf, tokenOf } from '../kit/doors.ts'
import type { TestApp } from '../kit/start-test-app.ts'
import { defended } from './hole.ts'
import { isAlive, onApp, post, signIn, signUp } from './scene.ts'

/** A real token taken apart, and the public half of the key that signed it. */
export type Sample = {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
  readonly signature: string
  readonly publicJwk: string
}

/** A part of a token. */
export function encode(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

/** Makes tokens of a live session with another signature or header, and sees that no door and no route takes one. */
export function attackWithForged(
  forge: (sample: Sample) => Promise<readonly string[]> | readonly string[],
): Promise<void> {
  return onApp(async (test) => {
    await signUp(test)
    for (const { contract } of CONTRACT_LOGINS.filter(({ contract }) => contract !== 'drf-token')) {
      const login = await signIn(test, { contract })
      const access = tokenOf(login)
      assert.ok(await isAlive(test, access))
      for (const token of await forge(await takeApart(test, access))) {
        defended(!(await isAlive(test, token)), `a forged access token is taken: ${token}`)
        const verified = await post(test, '/api/users/token/verify/', { token })
        defended(verified.status === 401, `a forged token is said to be good: ${token}`)
      }
      const refresh = refreshTokenOf(login)
      for (const token of refresh === null ? [] : await forge(await takeApart(test, refresh))) {
        const refreshed = await post(test, '/api/users/token/refresh/', { refresh: token })
        defended(refreshed.status === 401, `a forged refresh token is taken: ${token}`)
      }
    }
  })
}

async function takeApart({ store }: TestApp, token: string): Promise<Sample> {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const [key] = await store.listKeys()
  assert.ok(key)
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  return { header: read(header), payload: read(payload), signature, publicJwk: key.publicJwk }
}
