import { introspect } from './introspect.ts'
import type { Ports, ServiceClient } from './ports.ts'
import type { Client } from './session.ts'

/**
 * Ends the session that a live token of any kind belongs to, and with it every token it has, on a service's word. What
 * is no live token is none afterwards either: nobody is told of it. Of concurrent callers one ends the session.
 *
 * @throws {AuthError} `overloaded`: then the token may live on.
 */
export async function revokeToken(
  ports: Pick<Ports, 'store' | 'memories' | 'tokens' | 'signer' | 'legacyTokens' | 'audit' | 'now'>,
  token: string,
  { service, client }: { service: ServiceClient; client: Client },
): Promise<void> {
  // To revoke what is dead already is not to use it: a service that asks twice is no thief.
  const unheard = { ...ports, audit: { record() {} } }
  const found = await introspect(unheard, token, { client, takesRefresh: true })
  if (found === null) return
  const { account, session } = found.access
  if (!(await ports.store.endSession(session.id))) return
  ports.audit.record({
    type: 'session_ended',
    actor: { serviceId: service.id },
    accountId: account.id,
    client,
    detail: { session: session.id },
  })
}
