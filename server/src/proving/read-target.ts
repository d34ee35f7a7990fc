import type { Target } from './exchange.ts'

/**
 * Reads where a server is: `http` or `https`, with whatever path stands before its own.
 *
 * @throws {RangeError} with a sentence that says what it should be.
 */
export function readTarget(text: string, { headers, patience }: Pick<Target, 'headers' | 'patience'>): Target {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new RangeError('takes an address such as https://auth.example.com, with a path at most.')
  }
  // A password in an address would be shown by every process list, and by ourselves.
  if (url.username !== '' || url.password !== '')
    throw new RangeError('takes an address without a name and a password.')
  return { url, base: url.pathname.replace(/\/+$/, ''), headers, patience }
}

/** Its address, as people write it. */
export function showTarget({ url, base }: Target): string {
  return `${url.origin}${base}`
}

/**
 * Reads one header, as `Name: value`.
 *
 * @throws {RangeError} with a sentence that says what it should be.
 */
export function readHeader(text: string): Record<string, string> {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(text) ?? []
  if (name === undefined || value === undefined) throw new RangeError('takes one header, as Name: value.')
  return { [name.toLowerCase()]: value.trim() }
}
