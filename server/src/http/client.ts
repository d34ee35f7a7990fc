import { networkOf } from '../core/network.ts'
import type { SessionClient } from '../core/session.ts'

/** The longest user agent that is kept with a session, in characters. */
const USER_AGENT_LIMIT = 256

/** Who is asking, from the address that the trusted proxies vouch for and the user agent it claims. */
export function readClient(address: string, userAgent: string | undefined): SessionClient {
  const text = (userAgent ?? '').slice(0, USER_AGENT_LIMIT)
  return { network: networkOf(address), userAgent: text.toWellFormed().replaceAll('\0', '') }
}
