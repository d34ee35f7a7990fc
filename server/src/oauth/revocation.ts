import type { Core } from '../core/core.ts'
import type { Path } from '../http/contract.ts'
import { refuseService } from './errors.ts'
import { readServiceRequest } from './service-request.ts'

/**
 * `POST /v1/revoke` (RFC 7009): ends the session of a token, and so every token of that login. Tokens here belong to
 * accounts, not to services: which service may end whose is the operator's word (`--may-revoke`).
 */
export function revocation(core: Pick<Core, 'authenticateService' | 'recallService' | 'revokeToken'>): Path {
  return {
    path: '/v1/revoke',
    methods: ['POST'],
    async answer(request) {
      const { service, token } = await readServiceRequest(core, request, { mayRecall: false })
      if (!service.mayRevoke) return refuseService()
      await core.revokeToken(token, { service, client: request.client })
      return { status: 200 }
    },
  }
}
