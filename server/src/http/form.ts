import type { MediaType } from './media-type.ts'
import { TransportError } from './transport-error.ts'

/** The fields of a form in the order in which they came, repeated ones included. An uploaded file is `null`. */
export type FormFields = readonly { readonly name: string; readonly value: string | null }[]

/** The most fields that are read. */
const FIELD_LIMIT = 64

/**
 * Reads `application/x-www-form-urlencoded` (WHATWG URL, 5.1).
 *
 * @throws {TransportError} `malformed_body` for bytes that are not UTF-8, and for more than 64 fields.
 */
export function parseUrlEncoded(bytes: Uint8Array): FormFields {
  const text = new TextDecoder().decode(bytes)
  // It takes one question mark away from the beginning: ours, and none of the body's.
  const fields = [...new URLSearchParams(`?${text}`)].map(([name, value]) => ({ name, value }))
  return limited(intact(fields, bytes))
}

/**
 * Reads `multipart/form-data` (RFC 7578) with the platform's own parser. What is in a file is dropped: no contract takes any.
 *
 * @throws {TransportError} `malformed_body` with words for people.
 */
export async function parseMultipart(bytes: Buffer, contentType: MediaType): Promise<FormFields> {
  const boundary = contentType.parameters.get('boundary')
  if (boundary === undefined || !/^[\x20-\x7e]{1,70}$/.test(boundary) || boundary.includes('"')) {
    throw new TransportError('malformed_body', { detail: 'Invalid boundary' })
  }
  const headers = { 'content-type': `multipart/form-data; boundary="${boundary}"` }
  try {
    const form = await new Response(new Uint8Array(bytes), { headers }).formData()
    const fields = [...form].map(async ([name, value]) => ({ name, value: await textOf(value) }))
    return limited(intact(await Promise.all(fields), bytes))
  } catch (cause) {
    if (cause instanceof TransportError) throw cause
    throw new TransportError('malformed_body', { detail: 'Invalid multipart body', cause })
  }
}

/** A part that calls itself a file and gives no name is a field, as the stacks read it; any other file is dropped. */
async function textOf(value: string | File): Promise<string | null> {
  if (typeof value === 'string') return value
  return value.name === '' ? value.text() : null
}

const REPLACEMENT = /\ufffd/g
/** The same character as it can stand in a body: as its bytes, or escaped. */
const SENT_REPLACEMENT = /\ufffd|%ef%bf%bd/gi

/**
 * Refuses fields in which bytes were replaced because they are not UTF-8: passwords that differ only there would be one.
 */
function intact(fields: FormFields, bytes: Uint8Array): FormFields {
  const read = fields.map(({ name, value }) => `${name}${value ?? ''}`).join('')
  const count = read.match(REPLACEMENT)?.length ?? 0
  if (count === 0) return fields
  const isUtf8 = isValidUtf8(bytes)
  const sent = isUtf8 ? (new TextDecoder().decode(bytes).match(SENT_REPLACEMENT)?.length ?? 0) : 0
  if (count <= sent) return fields
  throw new TransportError('malformed_body', { detail: 'not UTF-8' })
}

function isValidUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

function limited(fields: FormFields): FormFields {
  if (fields.length <= FIELD_LIMIT) return fields
  throw new TransportError('malformed_body', { detail: `more than ${FIELD_LIMIT} fields` })
}
