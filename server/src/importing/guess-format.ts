import type { FileBytes } from './read-bytes.ts'
import { isObject, type JsonObject, own, readObject } from './read-object.ts'
import { type Format, SourceError } from './source.ts'
import { splitArray } from './split-array.ts'
import { splitLines } from './split-lines.ts'

const OPEN_ARRAY = 0x5b
const OPEN_OBJECT = 0x7b

/** How many objects that cannot be read may come before one that tells what they are. */
const MOST_TRIES = 5

/** What people have instead of what is read here, by how it begins, and what to do then. */
const OTHERS: readonly { readonly head: RegExp; readonly advice: string }[] = [
  { head: /^SQLite format 3\0/, advice: 'The file is a SQLite database: read it with --from sqlite:PATH.' },
  {
    head: /^PK\x03\x04/,
    advice: 'The file is a ZIP archive, as spreadsheets are: unpack it, or save the table as CSV in UTF-8.',
  },
  { head: /^\s*<\?xml/, advice: 'The file is XML: dump it again with --format json.' },
  { head: /^- (?:model|fields|pk):/, advice: 'The file is YAML: dump it again with --format json.' },
  {
    head: /^(?:PGDMP|-- MySQL|-- MariaDB|--\r?\n-- PostgreSQL)/,
    advice:
      'The file is a dump of a whole database: load it into a server and read it with --from, or export its users as CSV.',
  },
]

/** Where the objects of a file are: one on each line, in one array, or in an array that an object has. */
export type Shape = 'lines' | 'array' | { readonly member: string }

/**
 * How a file seems to be written, by its first bytes; `shape` is `null` where it is not JSON.
 *
 * @throws {SourceError} when it is something that is not read here.
 */
export async function guessFormat(bytes: FileBytes): Promise<{ format: Format; shape: Shape | null }> {
  const head = await readHead(bytes)
  const other = OTHERS.find((candidate) => candidate.head.test(head))
  if (other !== undefined) throw new SourceError(other.advice)
  const first = head.trimStart().charCodeAt(0)
  if (first === OPEN_ARRAY) return { format: judge(await takeFirst(splitArray(bytes.read()))), shape: 'array' }
  if (first !== OPEN_OBJECT) return { format: 'csv', shape: null }
  const line = await takeFirst(splitLines(bytes.read()))
  if (line !== null && !Array.isArray(own(line, 'users'))) return { format: judge(line), shape: 'lines' }
  const user = await takeFirst(splitArray(bytes.read(), 'users'))
  const format = user !== null && Object.hasOwn(user, 'localId') ? 'firebase' : 'keycloak'
  return { format, shape: { member: 'users' } }
}

/** Whose object this is, by the names of its members. */
function judge(object: JsonObject | null): Format {
  if (object === null) return 'jsonl'
  if (typeof own(object, 'model') === 'string' && isObject(own(object, 'fields'))) return 'django'
  if (Object.hasOwn(object, 'localId')) return 'firebase'
  const id = own(object, '_id')
  const isOfAuth0 = ['passwordHash', 'custom_password_hash', 'password_set_date'].some((name) =>
    Object.hasOwn(object, name),
  )
  if (isOfAuth0 && (Object.hasOwn(object, 'tenant') || /^auth0\|/.test(String(own(object, 'user_id'))))) return 'auth0'
  if (id !== undefined) return 'mongo'
  return 'jsonl'
}

/** The first object, or one soon after where the first cannot be read. */
async function takeFirst(pieces: ReturnType<typeof splitLines>): Promise<JsonObject | null> {
  let tries = 0
  for await (const piece of pieces) {
    const read = readObject(piece)
    if ('object' in read) return read.object
    if (++tries === MOST_TRIES) break
  }
  return null
}

/** The first bytes that are not white space, each as a letter. */
async function readHead(bytes: FileBytes): Promise<string> {
  for await (const chunk of bytes.read()) {
    const head = Buffer.from(chunk.subarray(0, 1024)).toString('latin1')
    if (head.trim() !== '') return head
  }
  return ''
}
