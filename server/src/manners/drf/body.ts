import type { WireRequest } from '../../http/contract.ts'
import { type FormFields, parseMultipart, parseUrlEncoded } from '../../http/form.ts'
import { header } from '../../http/header.ts'
import { JsonNumber, parseJson } from '../../http/json.ts'
import { readContentType } from '../../http/media-type.ts'
import { TransportError } from '../../http/transport-error.ts'

/** The named fields of a body. In JSON numbers are `JsonNumber`; in a form values are texts, and a file is `{}`. */
export type Body = { readonly isForm: boolean; readonly fields: ReadonlyMap<string, unknown> }

/**
 * Reads a body with DRF's three parsers. An empty body is an empty set of fields, whatever its type.
 *
 * @throws {TransportError} `unsupported_media_type`, `malformed_body` and `not_an_object`, in DRF's words.
 */
export async function readBody(request: WireRequest): Promise<Body> {
  if (request.body.length === 0) return { isForm: false, fields: new Map() }
  const encoding = header(request, 'content-encoding') ?? 'identity'
  if (encoding !== 'identity') throw new TransportError('unsupported_media_type', { detail: encoding })
  const contentType = readContentType(request)
  switch (contentType.type) {
    case 'application/json':
      return { isForm: false, fields: await inWords('JSON parse error - ', () => readObject(request.body)) }
    case 'application/x-www-form-urlencoded':
      return fromForm(await inWords('Form parse error - ', () => parseUrlEncoded(request.body)))
    case 'multipart/form-data':
      return fromForm(await inWords('Multipart form parse error - ', () => parseMultipart(request.body, contentType)))
    default:
      throw new TransportError('unsupported_media_type', { detail: header(request, 'content-type') ?? '' })
  }
}

/** Whether a body names a field, and not just as empty or null. What cannot be read names nothing. */
export async function bodyHas(request: WireRequest, name: string): Promise<boolean> {
  try {
    const value = (await readBody(request)).fields.get(name)
    return value !== undefined && value !== null && value !== ''
  } catch (error) {
    if (error instanceof TransportError) return false
    throw error
  }
}

function readObject(bytes: Buffer): ReadonlyMap<string, unknown> {
  const value = parseJson(bytes)
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)) {
    return new Map(Object.entries(value))
  }
  throw new TransportError('not_an_object', { detail: pythonTypeOf(value) })
}

/** The last of several fields with one name counts, as in Django's `QueryDict`. */
function fromForm(fields: FormFields): Body {
  return { isForm: true, fields: new Map(fields.map(({ name, value }) => [name, value ?? {}])) }
}

function pythonTypeOf(value: unknown): string {
  if (value === null) return 'NoneType'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  return value instanceof JsonNumber && /^-?\d+$/.test(value.source) ? 'int' : 'float'
}

async function inWords<Result>(prefix: string, read: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof TransportError) || error.code !== 'malformed_body') throw error
    throw new TransportError('malformed_body', { detail: `${prefix}${error.detail}`, cause: error })
  }
}
