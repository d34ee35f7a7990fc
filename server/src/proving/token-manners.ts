import type { Case, CaseRequest } from './case.ts'
import type { TokenPromise } from './judge-tokens.ts'

/** Five minutes, a day and sixty days, in seconds. */
const [ACCESS, DAY, LONG] = [300, 86_400, 5_184_000]

const SIMPLE_CLAIMS = ['token_type', 'exp', 'iat', 'jti', 'user_id']
const PASSWORD = 'Password123'

/** What a contract's tokens say and how long they are good. Keys say nothing, and how long is known to the server alone. */
export function listTokenManners(contract: string): readonly Case[] {
  const json = { username: 'johndoe', password: PASSWORD }
  const profile = { email: 'john.doe@example.com', username: 'johndoe', name: 'John', password: PASSWORD }
  if (contract === 'simplejwt') {
    const given = [post('/api/users/register/', json)]
    return [
      login('what the tokens say, and how long they are good', { given, request: post('/api/users/login/', json) }, [
        { name: 'access', claims: SIMPLE_CLAIMS, seconds: ACCESS },
        { name: 'refresh', claims: SIMPLE_CLAIMS, seconds: DAY },
      ]),
    ]
  }
  if (contract === 'drf-jwt') {
    const request = post('/login/', { email: profile.email, password: PASSWORD })
    return [
      login('what the token says, and how long it is good', { given: [post('/registration/', profile)], request }, [
        { name: 'token', claims: ['id', 'exp'], seconds: LONG },
      ]),
    ]
  }
  if (contract === 'express-jwt') {
    const given = [post('/api/auth/register/', { name: 'John', email: profile.email, password: PASSWORD })]
    const request = post('/api/auth/login/', { email: profile.email, password: PASSWORD })
    return [
      login('what the token says, and how long it is good', { given, request }, [
        { name: 'token', claims: ['id', 'exp'], seconds: DAY },
      ]),
    ]
  }
  return []
}

function post(path: string, json: unknown): CaseRequest {
  return { method: 'POST', path, json }
}

function login(
  name: string,
  { given, request }: { given: readonly CaseRequest[]; request: CaseRequest },
  tokens: readonly TokenPromise[],
): Case {
  return { name, kind: 'contract', given, request, reply: { status: 200, tokens }, untriable: null }
}
