import type { Config } from '../../config/config.ts'
import { isLoopback } from '../../config/read-addresses.ts'
import type { Finding } from './finding.ts'

/** Looks at what the network can reach. */
export function checkExposure(config: Config): readonly Finding[] {
  return [checkUrl(config), checkLimits(config)]
}

function checkUrl({ host, publicUrl }: Config): Finding {
  const about = 'network'
  if (isLoopback(host)) return { about, level: 'ok', says: `listens on this machine only (${host})` }
  if (publicUrl.startsWith('https:')) return { about, level: 'ok', says: `listens on ${host}, public as ${publicUrl}` }
  const says =
    `HOST ${host} can be reached from other machines, and LATCHKEY_PUBLIC_URL is not https: passwords would travel ` +
    'in the open. Put a TLS proxy in front and set LATCHKEY_PUBLIC_URL to its https:// origin'
  return { about, level: 'warn', says }
}

function checkLimits({ limits }: Config): Finding {
  if (limits) return { about: 'limits', level: 'ok', says: 'guessing passwords is limited' }
  const says = 'LATCHKEY_LIMITS=off: anybody may guess passwords without end. Remove it unless you are testing'
  return { about: 'limits', level: 'warn', says }
}
