import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import { judgeAddress } from './judge-address.ts'

/** Asks the system for every address of a name. */
export type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>

/**
 * Finds where a webhook is, and refuses if any of its addresses is none that may be sent to: a name with a public and a
 * private one is somebody's trick.
 *
 * @param where.allowPrivate whether networks of one's own are allowed.
 * @throws {Error} one sentence for the operator.
 */
export async function findAddresses(
  { url, allowPrivate }: { url: URL; allowPrivate: boolean },
  lookup: Lookup,
): Promise<readonly LookupAddress[]> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(host)
  const addresses = family === 0 ? await lookup(host) : [{ address: host, family }]
  if (addresses.length === 0) throw new Error(`${host} has no address: check LATCHKEY_WEBHOOK_URL.`)
  for (const { address } of addresses) {
    const problem = findFault(address, { isPlain: url.protocol === 'http:', allowPrivate })
    if (problem !== null) throw new Error(`${host} is at ${address}, ${problem}`)
  }
  return addresses
}

/** Why nothing may be sent to an address, continuing a sentence that names it; or `null`. */
export function findFault(
  address: string,
  { isPlain, allowPrivate }: { isPlain: boolean; allowPrivate: boolean },
): string | null {
  const verdict = judgeAddress(address)
  if (verdict === 'never') return 'where no webhook can be: nothing is sent there.'
  if (verdict === 'private' && !allowPrivate) {
    return 'a private address: set LATCHKEY_WEBHOOK_ALLOW_PRIVATE=true if that is where your webhook is.'
  }
  if (verdict === 'public' && isPlain) return 'which is public: what is told would travel in the open. Use https.'
  return null
}
