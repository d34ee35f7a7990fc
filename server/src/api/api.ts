import type { Core } from '../core/core.ts'
import { recallAccess, requireAccess } from '../http/authorization.ts'
import type { Contract, Path } from '../http/contract.ts'
import { TransportError } from '../http/transport-error.ts'
import { errors } from './errors.ts'
import { forwardAuthPath } from './forward-auth.ts'
import { post } from './reply.ts'
import { recallReply, writeReply } from './session.ts'
import type { TokenLifetimes } from './sign-in.ts'

/** The slug of the sessions that are opened here. */
const NAME = 'v1'

export type ApiOptions = TokenLifetimes & {
  /** The slugs of the other doors through which sessions come about, served or not. */
  readonly contractNames: readonly string[]
}

/** The modern door, `/v1`: any live token, plain JSON, problem documents. */
export function api(core: Core, options: ApiOptions): Contract {
  return {
    name: NAME,
    hasOwnPlace: false,
    isCaseSensitive: true,
    prefixes: ['/v1'],
    errors,
    paths: [
      post('/v1/accounts', async () => (await import('./register.ts')).register(core), { hashes: true }),
      post('/v1/sessions', async () => (await import('./sign-in.ts')).signIn(core, options), { hashes: true }),
      post('/v1/session/refresh', async () => (await import('./sign-in.ts')).refresh(core, options)),
      sessionPath(core),
      forwardAuthPath(core, [...options.contractNames, NAME]),
    ],
  }
}

/** `/v1/session`: whose token it is, and the end of its session. */
function sessionPath(core: Core): Path {
  return {
    path: '/v1/session',
    methods: ['GET', 'HEAD', 'DELETE'],
    async answer(request) {
      switch (request.method) {
        case 'GET':
        case 'HEAD':
          return writeReply(await requireAccess(core, request))
        case 'DELETE':
          await core.endSession(await requireAccess(core, request), request.client)
          return { status: 204 }
        default:
          throw new TransportError('method_not_allowed')
      }
    },
    answerNow(request) {
      const access = request.method === 'GET' ? recallAccess(core, request) : null
      return access === null ? null : recallReply(access)
    },
  }
}
