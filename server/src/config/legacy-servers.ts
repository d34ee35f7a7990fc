import { isIP } from 'node:net'
import { judgeAddress } from '../webhooks/judge-address.ts'
import type { Config } from './config.ts'
import type { Reading, Setting } from './setting.ts'

type LegacyUrlKey = 'legacyDrfJwtUrl' | 'legacyDrfTokenUrl' | 'legacyExpressJwtUrl' | 'legacySimplejwtUrl'

/** Which setting names the old server of which contract. */
const CONTRACTS = [
  ['legacyDrfJwtUrl', 'drf-jwt'],
  ['legacyDrfTokenUrl', 'drf-token'],
  ['legacyExpressJwtUrl', 'express-jwt'],
  ['legacySimplejwtUrl', 'simplejwt'],
] as const

/** Endings of names that exist only in a network of one's own (RFC 6762, RFC 8375, ICANN's .internal, and custom). */
const OWN_NAMES = /\.(internal|local|localhost|lan|home\.arpa|cluster\.local|svc)$/

/** Where back ends that were there before still answer, to whoever has not been moved in. */
export const LEGACY_URL_SETTINGS: { readonly [Key in LegacyUrlKey]: Setting<Config[Key]> } = {
  legacyDrfJwtUrl: legacyUrlSetting('LATCHKEY_LEGACY_DRF_JWT_URL', 'drf-jwt', '/user/login/'),
  legacyDrfTokenUrl: legacyUrlSetting('LATCHKEY_LEGACY_DRF_TOKEN_URL', 'drf-token', '/api/users/login/'),
  legacyExpressJwtUrl: legacyUrlSetting('LATCHKEY_LEGACY_EXPRESS_JWT_URL', 'express-jwt', '/api/auth/login/'),
  legacySimplejwtUrl: legacyUrlSetting('LATCHKEY_LEGACY_SIMPLEJWT_URL', 'simplejwt', '/api/users/login/'),
}

/** The old servers that are set. */
export function findLegacyServers(
  config: Pick<Config, LegacyUrlKey>,
): readonly { readonly contract: string; readonly setting: string; readonly url: string }[] {
  return CONTRACTS.flatMap(([key, contract]) => {
    const url = config[key]
    return url === null ? [] : [{ contract, setting: LEGACY_URL_SETTINGS[key].name, url }]
  })
}

/** What is wrong between the addresses of old servers and what is served; what is not sound is left out of `known`. */
export function findLegacyServerConflicts(known: Partial<Config>): readonly string[] {
  return CONTRACTS.flatMap(([key, contract]) => {
    const url = known[key]
    const { name } = LEGACY_URL_SETTINGS[key]
    if (url === undefined || url === null) return []
    if (known.contracts !== undefined && !known.contracts.includes(contract)) {
      return [`${name} is set, but ${contract} is not served: add it to LATCHKEY_CONTRACTS, or remove ${name}.`]
    }
    return isOwn(new URL(url), known)
      ? [`${name} leads to Latchkey itself: name the old server, by an address that still is its own.`]
      : []
  })
}

/** Says what it means that old servers are asked, a sentence or two for each. */
export function wordLegacyServers(config: Config): readonly string[] {
  return findLegacyServers(config).map(
    ({ contract, setting, url }) =>
      `logins of ${contract} that fail here are tried at ${new URL(url).origin}: whoever can register there can take back a name that was registered here and that no letter proved. ` +
      `Close registration there. When latchkey import status tells that nobody is moved in any more, remove ${setting}.`,
  )
}

/** Reads where an old server is: its origin, or the whole address of its login. */
export function readLegacyUrl(text: string): Reading<string | null> {
  if (text === '') return { value: null }
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return { problems: ['must be the origin of the old server, such as https://old.example.com.'] }
  }
  if (url.username !== '' || url.password !== '') return { problems: ['may not hold a user name or a password.'] }
  if (/[?#]/.test(text)) return { problems: ['may have no query and no fragment: a login has none.'] }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
  const verdict = isIP(host) === 0 ? null : judgeAddress(host)
  if (verdict === 'never') return { problems: ['is at an address where no server can be: correct it.'] }
  const isInOwnNetwork = verdict === 'private' || (verdict === null && (!host.includes('.') || OWN_NAMES.test(host)))
  if (url.protocol === 'http:' && !isInOwnNetwork) {
    return {
      problems: [
        'is not https, so passwords would travel in the open: http is taken for loopback, private addresses, and names without a dot or that end in .internal, .local, .lan or .home.arpa.',
      ],
    }
  }
  return { value: url.href }
}

/** Whether what listens there is this server, as far as its settings tell: it would ask itself. */
function isOwn(url: URL, { publicUrl, host, port }: Partial<Config>): boolean {
  if (url.origin === publicUrl) return true
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const isHere = hostname === 'localhost' || hostname === '::1' || hostname.startsWith('127.') || hostname === host
  return isHere && url.protocol === 'http:' && Number(url.port || 80) === port
}

function legacyUrlSetting(name: string, contract: string, path: string): Setting<string | null> {
  return {
    name,
    description: `The old server of ${contract}, such as https://old.example.com: a login that fails because the name or its hash is not known here is tried there once, at ${path}, or at the path that stands in the address. Who gets in there is moved in.`,
    default: '',
    defaultInWords: 'none: nobody is asked',
    read: readLegacyUrl,
    write: (value) => value ?? '',
  }
}
