import type { Account, Authenticated } from '../../src/core/account.ts'
import type { Core } from '../../src/core/core.ts'
import type { Client } from '../../src/core/session.ts'

/** Somebody on the machine itself, whom no network budget holds. */
export const LOCAL: Client = { network: null, userAgent: 'a test' }
/** Somebody out there. */
export const REMOTE: Client = { network: '198.51.100.7', userAgent: 'a test' }

export const PASSWORD = 'correct horse battery staple'

/** Every token of one session of each kind. Access tokens live 300 s, refresh tokens and sessions 1000 s. */
export async function openEveryKind(core: Core, authenticated: Authenticated) {
  const request = { contract: 'a-door', client: LOCAL, lifetime: 1000 }
  const claims = ({ id }: Account) => ({ user_id: id })
  const { key } = await core.openKeySession(authenticated, request)
  const { token } = await core.openJwtSession(authenticated, { ...request, claims })
  const pair = await core.openPairSession(authenticated, { ...request, accessLifetime: 300, claims })
  return { key, jwt: token, access: pair.access, refresh: pair.refresh }
}
