import type { Recorded } from './recorded.ts'

/** What a request does, as far as its method and path tell. */
export type Purpose = 'reads' | 'logs in' | 'checks' | 'logs out' | 'writes' | 'fetches a file'

const LOGIN = /^(login|log-in|signin|sign-in|authenticate|obtain|token|tokens|jwt|api-token-auth)$/
const CHECK = /^(refresh|verify|introspect)$/
const LOGOUT = /^(logout|log-out|logoutall|signout|sign-out|blacklist|revoke)$/
/** What changes accounts, though it may have a login's name in its path. */
const WRITE = /^(registration|register|signup|sign-up|password|reset|users?|create|delete)$/
/** What a link from a letter does when it is opened: it works once. */
const LINK = /^(confirm(-email)?|verify-email|activate|activation|unsubscribe)$/
const FILE = /\.(js|mjs|css|map|png|jpe?g|gif|svg|ico|webp|avif|woff2?|ttf|html?)$/i

/** Sees what a request is for. The last word of the path that means something counts. */
export function readPurpose({ method, path }: Pick<Recorded, 'method' | 'path'>): Purpose {
  const own = path.split('?')[0] ?? ''
  const words = own.toLowerCase().split('/').reverse()
  if (/^(GET|HEAD|OPTIONS)$/.test(method)) {
    if (FILE.test(own)) return 'fetches a file'
    // Many back ends end a session, or take a link, whatever the method is.
    if (method !== 'OPTIONS' && words.some((word) => LOGOUT.test(word))) return 'logs out'
    return method !== 'OPTIONS' && words.some((word) => LINK.test(word)) ? 'writes' : 'reads'
  }
  if (method !== 'POST') return 'writes'
  for (const word of words) {
    if (LOGOUT.test(word)) return 'logs out'
    if (CHECK.test(word)) return 'checks'
    if (LOGIN.test(word)) return 'logs in'
    if (WRITE.test(word)) return 'writes'
  }
  return 'writes'
}

/**
 * Why a request is better not sent, or `null`. A logout is sent with a token that this rehearsal was given, and not with
 * one that somebody else may be using.
 */
export function findObjection(
  recorded: Recorded,
  {
    isAll,
    isOwnToken,
    origin,
  }: { readonly isAll: boolean; readonly isOwnToken: boolean; readonly origin: string | null },
): string | null {
  if (recorded.origin !== null && origin !== null && recorded.origin !== origin) return 'went to another server'
  const purpose = readPurpose(recorded)
  if (purpose === 'fetches a file') return 'fetches a file'
  if (isAll) return null
  if (purpose === 'writes') return 'writes, or could (--all sends it)'
  if (purpose === 'logs out' && !isOwnToken)
    return 'would end a session that this rehearsal did not open (--all sends it)'
  return null
}
