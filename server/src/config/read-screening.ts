import { isLoopback } from './read-addresses.ts'
import type { Reading } from './setting.ts'

/** Reads one name that passwords may not be made of. Fewer than four letters are in too many words to be anybody's name. */
export function readProductName(text: string): Reading<string> {
  const isName = /^[\p{L}\p{M}\p{N} .&'’_-]{1,100}$/u.test(text)
  const own = text.replace(/[^\p{L}\p{M}\p{N}]/gu, '')
  if (isName && [...own].length >= 4) return { value: text }
  return {
    problems: [
      "must be a name with four letters or digits at least, 100 at most, and only blanks and . & ' _ - beside them.",
    ],
  }
}

/** Reads the address of a range API, to which five digits are added: it ends with a slash, whether or not it was written. */
export function readRangeUrl(text: string): Reading<string> {
  const url = URL.parse(text)
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(bare(url.hostname)))
  if (url === null || !isSafe) {
    return { problems: ['must be an address that begins with https://; http:// is taken on loopback only.'] }
  }
  if (url.username !== '' || url.password !== '') return { problems: ['may not hold a user name or a password.'] }
  if (/[?#]/.test(text)) return { problems: ['may have no query and no fragment: the digits are added at its end.'] }
  return { value: url.href.endsWith('/') ? url.href : `${url.href}/` }
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}
