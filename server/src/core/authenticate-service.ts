import type { Ports, ServiceClient } from './ports.ts'
import { isServiceId } from './service-clients.ts'
import type { Client } from './session.ts'

/** An id that no service has, and the digest of no secret: what is asked for where there is nothing to ask for. */
const NO_ID = ''
const NO_DIGEST = '0'.repeat(64)

/** What a service says of itself. */
export type ServiceCredentials = { readonly id: string; readonly secret: string }

/**
 * Finds out from the database which service is asking; `null` for a secret that is not its own, and for a service that is
 * not there: the two are the same work. No budget holds here: 256 random bits cannot be guessed, and a service that was
 * given an old secret would use up the budget of logins from its network within a second.
 */
export async function authenticateService(
  { store, memories, tokens, audit, now }: Pick<Ports, 'store' | 'memories' | 'tokens' | 'audit' | 'now'>,
  credentials: ServiceCredentials,
  client: Client,
): Promise<ServiceClient | null> {
  const beginning = memories.services.begin()
  const { id, secret } = credentials
  const found = await store.findServiceClient({ by: 'id', id: isServiceId(id) ? id : NO_ID })
  const isPresent = tokens.matches(secret, found?.secretHash ?? NO_DIGEST)
  const isBefore = tokens.matches(secret, found?.previousSecretHash ?? NO_DIGEST)
  const previousUntil = found?.client.previousUntil ?? 0
  if (found !== null && (isPresent || (isBefore && now() < previousUntil))) {
    // A secret whose time runs out is judged each time.
    if (isPresent) memories.services.remember(nameOf(credentials), found.client, beginning)
    return found.client
  }
  // An id that is not there is not told of: somebody may have put a secret in its place.
  const detail = found === null ? {} : { service: found.client.id }
  audit.record({ type: 'service_client_refused', actor: 'anonymous', accountId: null, client, detail })
  return null
}

/**
 * Which service is asking, where that was found out a moment ago; `null` where it must be found out. For those that only
 * want to know: what a service shall change, its row must allow.
 */
export function recallService(
  { memories }: Pick<Ports, 'memories'>,
  credentials: ServiceCredentials,
): ServiceClient | null {
  return memories.services.recall(nameOf(credentials))
}

/** No id has a colon. */
function nameOf({ id, secret }: ServiceCredentials): string {
  return `${id}:${secret}`
}
