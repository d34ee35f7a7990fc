import type { WireRequest } from '../../http/contract.ts'
import { parseUrlEncoded } from '../../http/form.ts'
import { header } from '../../http/header.ts'
import { parseJson } from '../../http/json.ts'
import { readContentType } from '../../http/media-type.ts'
import { TransportError } from '../../http/transport-error.ts'

/** The named fields of a body. A form's repeated field is a list; what was not sent is not there. */
export type Body = ReadonlyMap<string, unknown>

/**
 * Reads a body as `express.json()` and `express.urlencoded()` do: any other type is an empty body, and so is a list.
 *
 * @throws {TransportError} `malformed_body`; `unsupported_media_type` for an encoding or charset that is not read.
 */
export function readBody(request: WireRequest): Body {
  const contentType = readContentType(request)
  const isJson = contentType.type === 'application/json'
  if (!isJson && contentType.type !== 'application/x-www-form-urlencoded') return new Map()
  requireUtf8(contentType.parameters.get('charset') ?? 'utf-8')
  requireIdentity(header(request, 'content-encoding') ?? 'identity')
  if (request.body.length === 0) return new Map()
  return isJson ? readJson(request.body) : readForm(request.body)
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

function readJson(bytes: Buffer): Body {
  const hasMark = bytes.subarray(0, 3).equals(BYTE_ORDER_MARK)
  const rest = hasMark ? bytes.subarray(3) : bytes
  if (rest.length === 0) return new Map()
  // `strict`: only an object or a list is a body.
  if (!/^[\t\n\r ]*[[{]/.test(rest.subarray(0, 1024).toString('latin1'))) {
    throw new TransportError('malformed_body', { detail: 'Expecting a JSON object' })
  }
  const value = parseJson(rest)
  return new Map(Array.isArray(value) || typeof value !== 'object' || value === null ? [] : Object.entries(value))
}

function readForm(bytes: Buffer): Body {
  const fields = new Map<string, string | string[]>()
  for (const { name, value } of parseUrlEncoded(bytes)) {
    const text = value ?? ''
    const earlier = fields.get(name)
    fields.set(name, earlier === undefined ? text : [earlier, text].flat())
  }
  return fields
}

function requireUtf8(charset: string): void {
  if (charset.toLowerCase() === 'utf-8') return
  throw new TransportError('unsupported_media_type', { detail: `unsupported charset "${charset.toUpperCase()}"` })
}

function requireIdentity(encoding: string): void {
  if (encoding.toLowerCase() === 'identity') return
  throw new TransportError('unsupported_media_type', { detail: `unsupported content encoding "${encoding}"` })
}
