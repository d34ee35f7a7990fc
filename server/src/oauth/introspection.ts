import type { Core } from '../core/core.ts'
import type { LiveToken } from '../core/introspect.ts'
import type { Access } from '../core/session.ts'
import type { Path, WireReply } from '../http/contract.ts'
import { writeOnce } from '../http/write-once.ts'
import { readServiceRequest, recallServiceRequest } from './service-request.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** What is said of anything that is no live token: nothing more (RFC 7662, 2.2). */
const INACTIVE: WireReply = { status: 200, headers: JSON_TYPE, body: { active: false } }

/**
 * `POST /v1/introspect` (RFC 7662): whether a text is a live token, and whose. A refresh token is one only to a service that
 * says by its hint that it knows what it asks about: most software looks at `active` and at nothing else, and would let it
 * in.
 */
export function introspection(
  core: Pick<Core, 'authenticateService' | 'introspect' | 'recallService' | 'recallAccess'>,
  { issuer }: { issuer: string },
): Path {
  const recallReply = writeOnce((access: Access) => reply({ use: 'access', access }, issuer))
  return {
    path: '/v1/introspect',
    methods: ['POST'],
    async answer(request) {
      const { token, hint } = await readServiceRequest(core, request, { mayRecall: true })
      const { client } = request
      const live = await core.introspect(token, { client, takesRefresh: hint === 'refresh_token' })
      return live === null ? INACTIVE : reply(live, issuer)
    },
    answerNow(request) {
      const token = request.method === 'POST' ? recallServiceRequest(core, request) : null
      const access = token === null ? null : core.recallAccess(token)
      return access === null ? null : recallReply(access)
    },
  }
}

function reply(live: LiveToken, issuer: string): WireReply {
  return { status: 200, headers: JSON_TYPE, body: writeIntrospection(live, issuer) }
}

/** What a service is told of a live token. A name or address that an account has not is left out. */
export function writeIntrospection({ use, access }: LiveToken, issuer: string): Readonly<Record<string, unknown>> {
  const { account, session, token } = access
  return {
    active: true,
    token_type: use === 'access' ? 'Bearer' : 'refresh_token',
    sub: account.subject,
    sid: session.id,
    iss: issuer,
    exp: toSeconds(token.expiresAt),
    iat: toSeconds(token.issuedAt),
    client_id: session.contract,
    ...(token.audience === null ? {} : { aud: token.audience }),
    ...(token.id === null ? {} : { jti: token.id }),
    ...(account.username === null ? {} : { username: account.username }),
    ...(account.email === null ? {} : { email: account.email }),
    user_id: account.id,
    is_staff: account.isStaff,
  }
}

function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}
