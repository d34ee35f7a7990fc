import { isIP } from 'node:net'
import { domainToUnicode } from 'node:url'
import type { Config } from './config.ts'

const OUR_OWN = 'latchkey'

/** Every name of the product that a password may not be made of: those that were set, the public host's, and our own. */
export function listProductNames({
  publicUrl,
  productNames,
}: Pick<Config, 'publicUrl' | 'productNames'>): readonly string[] {
  return [...productNames, ...namesOfHost(new URL(publicUrl).hostname), OUR_OWN]
}

/** The labels of a host that say whose it is: not the top-level domain, and not `www`. */
function namesOfHost(hostname: string): readonly string[] {
  if (isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0) return []
  const labels = domainToUnicode(hostname).split('.')
  return (labels.length === 1 ? labels : labels.slice(0, -1)).filter((label) => label !== 'www')
}
