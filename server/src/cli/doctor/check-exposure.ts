import type { Config } from '../../config/config.ts'
import { findLooseLimits } from '../../config/limit-settings.ts'
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

function checkLimits(config: Config): Finding {
  const loose = findLooseLimits(config)
  if (config.limits && loose.length > 0) {
    const says =
      `${loose.join(', ')}: several times looser than the default, so that attackers get further too. Remove what you ` +
      'do not need; if all clients seem to come from one address, set LATCHKEY_TRUSTED_PROXIES instead'
    return { about: 'limits', level: 'warn', says }
  }
  if (config.limits) return { about: 'limits', level: 'ok', says: 'guessing passwords is limited' }
  const says = 'LATCHKEY_LIMITS=off: anybody may guess passwords without end. Remove it unless you are testing'
  return { about: 'limits', level: 'warn', says }
}
