import type { Core } from '../../core/core.ts'
import type { Contract, Path, WireReply, WireRequest } from '../../http/contract.ts'
import { TransportError } from '../../http/transport-error.ts'
import { readBody } from '../../manners/express-validator/body.ts'
import { createErrors } from './errors.ts'
import { readLogin, readRegistration } from './input.ts'
import { claimsOf, writeToken } from './output.ts'

const NAME = 'express-jwt'

export type ExpressJwtOptions = {
  /** Seconds. */
  readonly tokenSeconds: number
  /** Whether a login may tell that a user does not exist. */
  readonly enumeration: 'documented' | 'uniform'
}

/** Document 003: Express with express-validator. */
export function expressJwt(core: Core, options: ExpressJwtOptions): Contract {
  const open = async (
    request: WireRequest,
    authenticated: Awaited<ReturnType<Core['authenticate']>>,
  ): Promise<WireReply> => {
    const opening = { client: request.client, lifetime: options.tokenSeconds, claims: claimsOf }
    const { token } = await core.openJwtSession(authenticated, opening)
    return writeToken(token)
  }

  const register = post('/api/auth/register/', async (request) =>
    open(request, await core.register(readRegistration(readBody(request)), request.client)),
  )

  const login = post('/api/auth/login/', async (request) => {
    const credentials = readLogin(readBody(request))
    const { client } = request
    const tellsUnknown = options.enumeration === 'documented'
    return open(request, await core.authenticate({ ...credentials, kinds: ['email'], tellsUnknown, client }))
  })

  return {
    name: NAME,
    hasOwnPlace: true,
    isCaseSensitive: false,
    prefixes: ['/api/auth/'],
    paths: [register, login],
    errors: createErrors(options),
  }
}

/** A route of an Express router: another method is another route, which is not there. */
function post(path: string, handle: Path['answer']): Path {
  return {
    path,
    methods: ['POST'],
    hashes: true,
    async answer(request) {
      if (request.method !== 'POST') throw new TransportError('not_found')
      return handle(request)
    },
  }
}
