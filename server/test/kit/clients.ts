import type { Account, Authenticated } from '../../src/core/account.ts'
import type { Core } from '../../src/core/core.ts'
import type { Client } from '../../src/core/session.ts'

const A_REQUEST = { userAgent: 'a test', contract: 'a-door', requestId: 'a-request' }

/** Somebody on the machine itself, whom no network budget holds. */
export const LOCAL: Client = { ...A_REQUEST, network: null }
/** Somebody out there. */
export const REMOTE: Client = { ...A_REQUEST, network: '198.51.100.7' }

export const PASSWORD = 'correct horse battery staple'

/** Every token of one session of each kind. Access tokens live 300 s, refresh tokens and sessions 1000 s. */
export async function openEveryKind(core: Core, authenticated: Authenticated) {
  const request = { client: LOCAL, lifetime: 1000 }
  const claims = ({ id }: Account) => ({ user_id: id })
  const { key } = await core.openKeySession(authenticated, request)
  const { token } = await core.openJwtSession(authenticated, { ...request, claims })
  const pair = await core.openPairSession(authenticated, { ...request, accessLifetime: 300, claims })
  return { key, jwt: token, access: pair.access, refresh: pair.refresh }
}
