import type { TestApp } from './start-test-app.ts'
import { findShapeFlaws, voiceOf } from './voices.ts'
import { send, type TableRequest } from './wire.ts'

/** Every place that takes a token, and what a token that is none is answered with there. */
export const PLACES: readonly { name: string; status: number; request: (token: string) => TableRequest }[] = [
  ...(['Bearer', 'Token'] as const).flatMap((scheme) =>
    (
      [
        ['GET', '/v1/session'],
        ['DELETE', '/v1/session'],
        ['GET', '/v1/forward-auth'],
        ['GET', '/api/users/user/'],
        ['PATCH', '/api/users/user/'],
        ['POST', '/api/users/password/change/'],
        ['POST', '/api/users/logout/'],
        ['POST', '/drf-token/api/users/logout/'],
        ['POST', '/simplejwt/api/users/logout/'],
      ] as const
    ).map(([method, path]) => ({
      name: `${method} ${path} under ${scheme}`,
      status: 401,
      request: (token: string) => ({ method, path, headers: { authorization: `${scheme} ${token}` } }),
    })),
  ),
  ...(
    [
      ['/api/users/token/refresh/', 'refresh', 401],
      ['/api/users/token/verify/', 'token', 401],
      ['/api/users/token/blacklist/', 'refresh', 401],
      ['/v1/session/refresh', 'refresh_token', 400],
    ] as const
  ).map(([path, field, status]) => ({
    name: `POST ${path}`,
    status,
    request: (token: string) => ({ method: 'POST', path, json: { [field]: token } }),
  })),
]

/** What is wrong with the answers to a token at every place: nothing, if all refuse it. */
export async function findTaken(test: TestApp, token: string): Promise<string[]> {
  const flaws: string[] = []
  for (const { name, status, request } of PLACES) {
    const asked = request(token)
    const answer = await send(test, asked)
    // Where a path is shared, a scheme decides whose it is, and an odd text may be no token at all there.
    const isRefused = answer.status === status || answer.status === 400
    if (!isRefused) flaws.push(`${name}: ${answer.status}`)
    for (const flaw of findShapeFlaws(voiceOf(asked.path), asked.method, answer)) flaws.push(`${name}: ${flaw}`)
  }
  return flaws
}
