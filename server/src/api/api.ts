import type { Core } from '../core/core.ts'
import { requireAccess } from '../http/authorization.ts'
import type { Contract } from '../http/contract.ts'
import { TransportError } from '../http/transport-error.ts'
import { errors } from './errors.ts'
import { writeSession } from './session.ts'

/** The modern door, `/v1`: any live token, plain JSON, problem documents. */
export function api(core: Core): Contract {
  return {
    name: 'v1',
    hasOwnPlace: false,
    isCaseSensitive: true,
    prefixes: ['/v1'],
    errors,
    paths: [
      {
        path: '/v1/session',
        methods: ['GET', 'HEAD', 'DELETE'],
        async answer(request) {
          switch (request.method) {
            case 'GET':
            case 'HEAD': {
              const body = writeSession(await requireAccess(core, request))
              return { status: 200, headers: { 'content-type': 'application/json' }, body }
            }
            case 'DELETE':
              await core.endSession(await requireAccess(core, request), request.client)
              return { status: 204 }
            default:
              throw new TransportError('method_not_allowed')
          }
        },
      },
    ],
  }
}
