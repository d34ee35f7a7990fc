import type { MediaType } from './media-type.ts'
import { TransportError } from './transport-error.ts'

/** The fields of a form in the order in which they came, repeated ones included. An uploaded file is `null`. */
export type FormFields = readonly { readonly name: string; readonly value: string | null }[]

/** The most fields that are read. */
const FIELD_LIMIT = 64

/**
 * Reads `application/x-www-form-urlencoded` (WHATWG URL, 5.1).
 *
 * @throws {TransportError} `malformed_body` for more than 64 fields.
 */
export function parseUrlEncoded(bytes: Uint8Array): FormFields {
  const text = new TextDecoder().decode(bytes)
  // It takes one question mark away from the beginning: ours, and none of the body's.
  return limited([...new URLSearchParams(`?${text}`)].map(([name, value]) => ({ name, value })))
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
    return limited(await Promise.all(fields))
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

function limited(fields: FormFields): FormFields {
  if (fields.length <= FIELD_LIMIT) return fields
  throw new TransportError('malformed_body', { detail: `more than ${FIELD_LIMIT} fields` })
}
