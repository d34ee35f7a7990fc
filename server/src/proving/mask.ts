/** What is shown in the place of a secret. */
export const HIDDEN = '(hidden)'

/** Members and parameters that hold secrets, in bodies, forms and queries. */
const SECRET_NAME =
  /pass(word|wd|phrase)?|secret|token(?!_(type|class)$)|^(key|access|refresh|jwt|otp|pin|session(id)?|sid|api_?key|authorization|cookie|signature|sig)$/i

/**
 * What tells by itself that it is a token: a JWT, a long hexadecimal number, or base64 as long as only random things are. A
 * header has an end, so that a server cannot keep us searching; one that is longer is base64 all the same.
 */
const TOKENS =
  /\beyJ[\w-]{8,512}(\.[\w-]*){1,4}|\b[0-9a-f]{32,}\b|(?<![\w/+-])(?=[\w+-]*\d)(?=[\w+-]*[a-z])(?=[\w+-]*[A-Z])[\w+-]{32,}={0,2}/g

/** Whether what has this name is nobody's business. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name)
}

/** A copy of a JSON value in which no secret can be read. Sentences about a secret are none. */
export function maskJson(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return isSecretName(name) && !isPlaceholder(value) ? HIDDEN : maskText(value)
  if (typeof value === 'number' && isSecretName(name)) return HIDDEN
  if (Array.isArray(value)) return value.map((item) => (isSentence(item) ? maskText(item) : maskJson(item, name)))
  if (typeof value !== 'object' || value === null) return value
  const isAbout = isSecretName(name)
  return Object.fromEntries(
    Object.entries(value).map(([member, inner]) => {
      // What a validator says of a field comes with the value that was sent in it.
      return [member, isAbout && member === 'value' && inner !== undefined ? HIDDEN : maskJson(inner, member)]
    }),
  )
}

/** A text without what looks like a token. */
export function maskText(text: string): string {
  return text.replaceAll(TOKENS, HIDDEN)
}

/** A path as it may be shown: without what is a token, and without the values of its query. */
export function maskPath(path: string): string {
  const [own = '', query] = path.split(/\?(.*)/s)
  const shown = query?.replaceAll(/=[^&]*/g, `=${HIDDEN}`)
  return `${maskText(own)}${shown === undefined ? '' : `?${maskText(shown)}`}`
}

function isSentence(value: unknown): value is string {
  return typeof value === 'string' && /^\p{Lu}/u.test(value) && value.endsWith('.') && /^\S+ .*$/.test(value)
}

function isPlaceholder(value: string): boolean {
  return /^\{\{\w+\}\}$/.test(value)
}
