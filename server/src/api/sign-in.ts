import type { Static } from 'typebox'
import type { Core } from '../core/core.ts'
import type { WireReply, WireRequest } from '../http/contract.ts'
import { readWhole } from './read-form.ts'
import { json } from './reply.ts'
import { writeSession } from './session.ts'
import { NewSession, Refresh, type RefreshReply, type TokensReply } from './session-schema.ts'

/** Lifetimes are in seconds. */
export type TokenLifetimes = { readonly accessSeconds: number; readonly refreshSeconds: number }

/** How the tokens of this door are written: RFC 9068 asks for no claims of ours. */
const FORM = { claims: () => ({}), profile: 'rfc9068' } as const

/** `POST /v1/sessions`: a name and its password for the tokens of a new session. */
export function signIn(
  core: Pick<Core, 'authenticate' | 'openPairSession'>,
  { accessSeconds, refreshSeconds }: TokenLifetimes,
): (request: WireRequest) => Promise<WireReply> {
  return async (request) => {
    const { client } = request
    const authenticated = await core.authenticate({ ...readWhole(NewSession, request), client })
    const lifetimes = { lifetime: refreshSeconds, accessLifetime: accessSeconds }
    const {
      session,
      access,
      refresh: renewal,
    } = await core.openPairSession(authenticated, { client, ...lifetimes, ...FORM })
    const body: Static<typeof TokensReply> = {
      access_token: access,
      token_type: 'Bearer',
      expires_in: accessSeconds,
      refresh_token: renewal,
      refresh_expires_in: refreshSeconds,
      ...writeSession({ account: authenticated.account, session }),
    }
    return json(201, body)
  }
}

/** `POST /v1/session/refresh`: a new access token for a refresh token, which stays as it is. */
export function refresh(
  core: Pick<Core, 'refreshAccess'>,
  { accessSeconds }: TokenLifetimes,
): (request: WireRequest) => Promise<WireReply> {
  return async (request) => {
    const { refresh_token } = readWhole(Refresh, request)
    const asked = { accessLifetime: accessSeconds, client: request.client, ...FORM }
    const { access, expiresIn } = await core.refreshAccess(refresh_token, asked)
    const body: Static<typeof RefreshReply> = { access_token: access, token_type: 'Bearer', expires_in: expiresIn }
    return json(200, body)
  }
}
