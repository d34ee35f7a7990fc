import { membersOf, parseJson, type Recorded } from './recorded.ts'

/** Members and cookies that hold what a session goes by; passwords and codes are none. */
const TOKEN_NAME = /token|jwt|sess|^(sid|key|access|refresh|auth)$/i
/** Cookies that guard a form, and are nobody's session. */
const FORM_NAME = /csrf|xsrf/i
/** Shorter texts are no tokens. */
const SHORTEST = 16

/** The tokens by which a request says whose it is: of its credentials, its cookies and its body. */
export function listTokens({ headers, body = '' }: Pick<Recorded, 'headers' | 'body'>): readonly string[] {
  const [, scheme = '', credentials = ''] = /^(\S+)\s+(.*)$/.exec(headers.authorization ?? '') ?? []
  const found = scheme.toLowerCase() === 'basic' ? [] : credentials.split(/\s+/)
  for (const cookie of (headers.cookie ?? '').split(/;\s*/)) {
    const [name = '', ...value] = cookie.split('=')
    collect(value.join('='), name, found)
  }
  const json = parseJson(body)
  if (json !== undefined) collect(json, '', found)
  else for (const [name, value] of new URLSearchParams(body)) collect(value, name, found)
  return found.filter((token) => token.length >= SHORTEST)
}

function collect(value: unknown, name: string, found: string[]): void {
  if (typeof value === 'string') {
    if (/^eyJ/.test(value) || (TOKEN_NAME.test(name) && !FORM_NAME.test(name))) found.push(value)
  } else if (Array.isArray(value)) for (const item of value) collect(item, name, found)
  else for (const [member, inner] of membersOf(value) ?? []) collect(inner, member, found)
}
