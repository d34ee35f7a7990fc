import type { WireAnswer } from './wire.ts'

/** In whose manner a path is answered; `none` where a request is refused before anybody looks at its path. */
export type Voice = 'drf' | 'express' | 'v1' | 'oauth' | 'health' | 'none'

/** Whose path it is, from the wire's own table: by documented beginnings, else the default contract's. */
export function voiceOf(path: string): Voice {
  const asked = path.split(/[?#]/)[0] ?? ''
  const plain = asked.toLowerCase()
  // In other letters it is another path, and the modern door's.
  if (/^\/v1\/(introspect|revoke)\/?$/.test(asked) || /^\/oauth\//.test(plain)) return 'oauth'
  if (/^\/(healthz|readyz)\/?$/.test(plain)) return 'health'
  if (/^\/(api\/auth|express-jwt)\//.test(plain)) return 'express'
  return plain.startsWith('/v1') ? 'v1' : 'drf'
}

const FRAME: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

/** What is wrong with the shape of an answer, whatever it says: nothing, if it is in the manner of its path. */
export function findShapeFlaws(voice: Voice, method: string, answer: WireAnswer): string[] {
  const flaws = [...findFrameFlaws(answer)]
  if (method === 'HEAD' || answer.status === 204) {
    return answer.text === '' ? flaws : [...flaws, `a body of ${answer.text.length} where there can be none`]
  }
  const isRefusal = answer.status >= 400
  switch (voice) {
    case 'drf':
      return [...flaws, ...contentType(answer, 'application/json'), ...(isRefusal ? findDrfFlaws(answer) : [])]
    case 'express':
      return [
        ...flaws,
        ...contentType(answer, 'application/json; charset=utf-8'),
        ...(isRefusal ? findExpressFlaws(answer) : []),
      ]
    case 'v1':
      if (isRefusal) {
        return [...flaws, ...contentType(answer, 'application/problem+json'), ...findProblemFlaws(answer)]
      }
      return answer.text === '' ? flaws : [...flaws, ...contentType(answer, 'application/json')]
    case 'oauth':
      return [
        ...flaws,
        ...(isRefusal || answer.text !== '' ? contentType(answer, 'application/json') : []),
        ...(isRefusal ? findOauthFlaws(answer) : []),
      ]
    case 'none':
      return [...flaws, ...contentType(answer, 'application/json'), ...(isDetail(answer.json) ? [] : ['no detail'])]
    case 'health':
      return flaws
  }
}

function findFrameFlaws({ status, headers }: WireAnswer): string[] {
  const flaws = Object.entries(FRAME)
    .filter(([name, value]) => headers[name] !== value)
    .map(([name]) => `${name} is ${headers[name]}`)
  for (const name of ['server', 'x-powered-by', 'set-cookie']) {
    if (headers[name] !== undefined) flaws.push(`there is a header ${name}`)
  }
  if (status >= 500 && status !== 503) flaws.push(`status ${status}`)
  if ((status === 429 || status === 503) && !/^[1-9]\d*$/.test(headers['retry-after'] ?? '')) {
    flaws.push(`${status} without a Retry-After`)
  }
  return flaws
}

function contentType({ headers }: WireAnswer, expected: string): string[] {
  return headers['content-type'] === expected ? [] : [`the content type is ${headers['content-type']}`]
}

function findDrfFlaws({ status, headers, json }: WireAnswer): string[] {
  const flaws: string[] = []
  if (!(headers.vary ?? '').split(', ').includes('Accept')) flaws.push(`Vary is ${headers.vary}`)
  if (status === 401 && headers['www-authenticate'] === undefined) flaws.push('401 without a challenge')
  if (status === 405 && headers.allow === undefined) flaws.push('405 without Allow')
  if (!isObject(json) || Object.keys(json).length === 0) return [...flaws, 'the body is no object of errors']
  if (typeof json.detail === 'string' && json.detail !== '') {
    return Object.keys(json).length === 1 ? flaws : [...flaws, `more than a detail: ${Object.keys(json)}`]
  }
  const isFieldErrors = Object.values(json).every(
    (sentences) => Array.isArray(sentences) && sentences.length > 0 && sentences.every(isSentence),
  )
  if (!isFieldErrors) flaws.push('some field has no list of sentences')
  if (status !== 400) flaws.push(`field errors with ${status}`)
  return flaws
}

function findExpressFlaws({ json }: WireAnswer): string[] {
  if (!isObject(json) || json.status !== 'fail' || !isObject(json.errors) || Object.keys(json).length !== 2) {
    return ['the body is not the envelope']
  }
  const fields = Object.keys(json.errors)
  if (fields.length === 0) return ['there are no errors in the envelope']
  return Object.entries(json.errors).flatMap(([field, error]) => {
    if (!isObject(error) || !isSentence(error.msg)) return [`${field} has no msg`]
    if (field === 'main') return fields.length === 1 ? [] : ['main is not alone']
    if (!['name', 'email', 'password'].includes(field)) return [`nobody knows the field ${field}`]
    if (field === 'password' && 'value' in error) return ['the password is echoed']
    return error.param === field && error.location === 'body' ? [] : [`${field} is not placed`]
  })
}

function findProblemFlaws({ status, headers, json }: WireAnswer): string[] {
  if (!isObject(json)) return ['the body is no problem document']
  const flaws = ['type', 'title', 'detail', 'code'].filter((name) => !isSentence(json[name]))
  if (json.status !== status) flaws.push(`status ${json.status}`)
  if (status === 401 && headers['www-authenticate'] === undefined) flaws.push('401 without a challenge')
  if (status === 405 && headers.allow === undefined) flaws.push('405 without Allow')
  return flaws
}

/** An error as RFC 6749 (5.2) has it. */
function findOauthFlaws({ status, headers, json }: WireAnswer): string[] {
  if (!isObject(json) || Object.keys(json).join() !== 'error,error_description') return ['the body is no OAuth error']
  const flaws = Object.entries(json).flatMap(([name, value]) =>
    /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(String(value)) ? [] : [`${name} holds what OAuth forbids`],
  )
  if (status === 401 && headers['www-authenticate'] === undefined) flaws.push('401 without a challenge')
  if (status === 405 && headers.allow === undefined) flaws.push('405 without Allow')
  return flaws
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `{"detail": "…"}` and nothing else. */
function isDetail(json: unknown): boolean {
  return isObject(json) && Object.keys(json).length === 1 && isSentence(json.detail)
}

function isSentence(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
