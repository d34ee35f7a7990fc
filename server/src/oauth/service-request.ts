import type { Core } from '../core/core.ts'
import type { ServiceClient } from '../core/ports.ts'
import type { WireRequest } from '../http/contract.ts'
import { TransportError } from '../http/transport-error.ts'
import { readCredentials, readForm, readToken } from './input.ts'

/** A service that proved who it is, and the token it asks about. */
export type ServiceRequest = {
  readonly service: ServiceClient
  readonly token: string
  /** What kind of token it says this is. */
  readonly hint: string | null
}

/**
 * Reads what a service asks. Who asks is found out before what is asked is looked at.
 *
 * @param options.mayRecall whether it is enough that it was a service a moment ago.
 * @throws {TransportError} `method_not_allowed`, `unsupported_media_type`, `malformed_body`, `malformed_authorization`,
 *   and `unauthenticated` for whoever is no registered service.
 * @throws {AuthError} `invalid_input`.
 */
export async function readServiceRequest(
  core: Pick<Core, 'authenticateService' | 'recallService'>,
  request: WireRequest,
  { mayRecall }: { mayRecall: boolean },
): Promise<ServiceRequest> {
  if (request.method !== 'POST') throw new TransportError('method_not_allowed')
  const form = readForm(request)
  const credentials = readCredentials(request, form)
  if (credentials === null) throw new TransportError('unauthenticated')
  const recalled = mayRecall ? core.recallService(credentials) : null
  const service = recalled ?? (await core.authenticateService(credentials, request.client))
  if (service === null) throw new TransportError('unauthenticated')
  return { service, token: readToken(form), hint: form.get('token_type_hint') ?? null }
}

/**
 * The token that a service asks about, where it was found a moment ago that the service is one; `null` where
 * `readServiceRequest` has to find out, or to say what is wrong.
 */
export function recallServiceRequest(
  core: Pick<Core, 'recallService'>,
  request: Omit<WireRequest, 'client'>,
): string | null {
  try {
    const form = readForm(request)
    const credentials = readCredentials(request, form)
    return credentials === null || core.recallService(credentials) === null ? null : readToken(form)
  } catch {
    return null
  }
}
