import type { Layout } from './file-source.ts'
import { mapFields } from './map-fields.ts'
import type { FileBytes } from './read-bytes.ts'
import { type JsonObject, readObject } from './read-object.ts'
import { sampleColumns } from './sample.ts'
import { type BadRow, type Format, type RawRow, SourceError } from './source.ts'
import { splitArray } from './split-array.ts'
import { splitLines } from './split-lines.ts'

type JsonRequest = {
  readonly format: Format
  readonly description: string
  readonly map: Readonly<Record<string, string>> | undefined
  /** Where the objects are: one on each line, in one array, or in an array that an object has. */
  readonly shape: 'lines' | 'array' | { readonly member: string }
  /** Takes an object apart that has accounts in a way of its own. */
  readonly convert?: (object: JsonObject) => JsonObject
  /** What a value means, where it is more than JSON. */
  readonly readValue?: (value: unknown) => unknown
}

/**
 * Finds out what a file of objects holds, each of which is an account.
 *
 * @throws {SourceError} when there are none.
 */
export async function layOutJsonRows(bytes: FileBytes, request: JsonRequest): Promise<Layout> {
  const { format, description, map, shape, convert = asItIs, readValue = asItIs } = request
  const columns = await sampleColumns(objectsOf(bytes.read()))
  if (columns.length === 0) throw new SourceError('There are no objects in the file.')
  const fieldMap = mapFields({ columns, map, isOpen: true })
  return {
    format,
    description,
    notes: fieldMap.notes,
    passes: 1,
    async *rows(beginPass) {
      for await (const read of objects(beginPass())) yield 'problem' in read ? read : toRow(read)
    },
  }

  function toRow({ line, object }: { line: number | string; object: JsonObject }): RawRow {
    const fields = fieldMap.apply(object)
    return {
      line,
      kind: 'account',
      fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, readValue(value)])),
    }
  }

  async function* objectsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<JsonObject> {
    for await (const read of objects(chunks)) if (!('problem' in read)) yield read.object
  }

  async function* objects(
    chunks: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<{ readonly line: number | string; readonly object: JsonObject } | BadRow> {
    const isLines = shape === 'lines'
    const member = typeof shape === 'object' ? shape.member : undefined
    for await (const piece of isLines ? splitLines(chunks) : splitArray(chunks, member)) {
      const read = readObject(piece)
      const line = isLines ? piece.line : `object ${piece.line}`
      yield 'problem' in read ? { line, problem: read.problem } : { line, object: convert(read.object) }
    }
  }
}

function asItIs<Value>(value: Value): Value {
  return value
}
