import type { ServiceCredentials } from '../core/authenticate-service.ts'
import { AuthError } from '../core/errors.ts'
import type { WireRequest } from '../http/contract.ts'
import { parseUrlEncoded } from '../http/form.ts'
import { header } from '../http/header.ts'
import { readContentType } from '../http/media-type.ts'
import { TransportError } from '../http/transport-error.ts'

/** A form's parameters. One without a value is none (RFC 6749, 3.2). */
export type Form = ReadonlyMap<string, string>

type Sent = Pick<WireRequest, 'headers' | 'body'>

const FORM = 'application/x-www-form-urlencoded'
const BASIC = /^basic +([a-z0-9+/]+={0,2}) *$/i

/**
 * Reads the parameters of a request. The query is never looked at: what stands there stands in logs too.
 *
 * @throws {TransportError} `unsupported_media_type`; `malformed_body`, also for a parameter that is there twice (RFC 6749,
 *   3.2): two readers could take either.
 */
export function readForm(request: Sent): Form {
  const contentType = readContentType(request)
  if (contentType.type !== FORM) throw new TransportError('unsupported_media_type', { detail: contentType.type })
  const form = new Map<string, string>()
  const seen = new Set<string>()
  for (const { name, value } of parseUrlEncoded(request.body)) {
    if (seen.has(name)) throw new TransportError('malformed_body', { detail: 'a parameter is there twice' })
    seen.add(name)
    if (value !== null && value !== '') form.set(name, value)
  }
  return form
}

/**
 * What a service says of itself: as `Basic`, each part encoded as in a form (RFC 6749, 2.3.1), or in the form itself;
 * `null` when it says nothing that can be read.
 *
 * @throws {TransportError} `malformed_authorization` where it says it in two ways (RFC 6749, 2.3).
 */
export function readCredentials(request: Sent, form: Form): ServiceCredentials | null {
  const authorization = header(request, 'authorization')
  const id = form.get('client_id')
  const secret = form.get('client_secret')
  if (authorization === undefined) return id === undefined || secret === undefined ? null : { id, secret }
  if (secret !== undefined) throw new TransportError('malformed_authorization', { detail: 'too_many_parts' })
  const credentials = readBasic(authorization)
  // Some clients name themselves in the form too. That is no second way, unless it is another name.
  if (credentials !== null && id !== undefined && id !== credentials.id) {
    throw new TransportError('malformed_authorization', { detail: 'too_many_parts' })
  }
  return credentials
}

/**
 * The token that is asked about.
 *
 * @throws {AuthError} `invalid_input` where there is none.
 */
export function readToken(form: Form): string {
  const token = form.get('token')
  if (token === undefined) throw new AuthError('invalid_input', { problems: [{ field: 'token', rule: 'required' }] })
  return token
}

function readBasic(authorization: string): ServiceCredentials | null {
  const encoded = BASIC.exec(authorization)?.[1]
  if (encoded === undefined) return null
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon === -1) return null
  const id = decodePart(text.slice(0, colon))
  const secret = decodePart(text.slice(colon + 1))
  return id === null || secret === null ? null : { id, secret }
}

function decodePart(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return null
  }
}
