import type { Layout } from './file-source.ts'
import { mapFields } from './map-fields.ts'
import type { Piece } from './pieces.ts'
import type { FileBytes } from './read-bytes.ts'
import { readText } from './read-object.ts'
import { type RawRow, SourceError } from './source.ts'
import { readCells, splitCsv } from './split-csv.ts'
import { splitLines } from './split-lines.ts'

const SEPARATORS = [',', ';', '\t', '|']

const NO_NAMES =
  'The first line seems to be an account, and should name the columns: put one such as id,email,password before it.'
const ONLY_RETURNS =
  'Lines end in a way that no system has used for long (a carriage return alone): save the file again with Unix line ends.'

/** An apostrophe that was put before a text so that no spreadsheet runs it. */
const GUARDED = /^'(?='*\s*[=+\-@\uff1d\uff0b\uff0d\uff20])/u

/** What a cell of an account has and the name of a column has not: an address, a hash, a line's end. */
const LIKE_A_VALUE = /@.*\.|\$|^[0-9a-f]{32,}$|^.{65,}$/i

/**
 * Finds out what a CSV file holds. Its first line names the columns.
 *
 * @throws {SourceError} when it does not.
 */
export async function layOutCsv(
  bytes: FileBytes,
  { map }: { map: Readonly<Record<string, string>> | undefined },
): Promise<Layout> {
  const separator = findSeparator(await readFirstLine(bytes))
  const columns = await readHeader(bytes, separator)
  const fieldMap = mapFields({ columns, map, isOpen: false })
  const named = separator === '\t' ? 'tabs' : `"${separator}"`
  return {
    format: 'csv',
    description: `CSV, its columns separated by ${named}`,
    notes: fieldMap.notes,
    passes: 1,
    async *rows(beginPass) {
      let isHeader = true
      for await (const piece of splitCsv(beginPass(), separator)) {
        if (!isHeader) yield toRow(piece)
        isHeader = false
      }
    },
  }

  function toRow(piece: Piece): RawRow {
    const read = readText(piece)
    if ('problem' in read) return read
    const { line, text } = read
    const cells = readCells(text, separator)
    if (cells === null) return { line, problem: 'has a quote where none may be' }
    if (cells.length !== columns.length) {
      return { line, problem: `has ${cells.length} cells where the first line names ${columns.length} columns` }
    }
    const row = Object.fromEntries(columns.map((column, index) => [column, (cells[index] ?? '').replace(GUARDED, '')]))
    return { line, kind: 'account', fields: fieldMap.apply(row) }
  }
}

async function readFirstLine(bytes: FileBytes): Promise<string> {
  for await (const piece of splitLines(bytes.read())) {
    const read = readText(piece)
    if ('problem' in read) throw new SourceError(`The first line ${read.problem}: it should name the columns.`)
    return read.text
  }
  throw new SourceError('The file is empty.')
}

async function readHeader(bytes: FileBytes, separator: string): Promise<readonly string[]> {
  for await (const piece of splitCsv(bytes.read(), separator)) {
    const read = readText(piece)
    const columns = 'problem' in read ? null : readCells(read.text, separator)?.map((column) => column.trim())
    if (columns === null || columns === undefined) break
    const twice = columns.find((column, index) => columns.indexOf(column) !== index)
    // Not shown: it may have somebody's hash in it.
    if (columns.some((column) => column.includes('\r'))) throw new SourceError(ONLY_RETURNS)
    if (columns.some((column) => LIKE_A_VALUE.test(column))) throw new SourceError(NO_NAMES)
    if (twice !== undefined) throw new SourceError(`The first line names the column ${JSON.stringify(twice)} twice.`)
    return columns
  }
  throw new SourceError('The first line does not name the columns, as that of a CSV file does.')
}

/** Whichever is there most often. */
function findSeparator(line: string): string {
  const bare = line.replaceAll(/"[^"]*"/g, '')
  const count = (separator: string) => bare.split(separator).length
  return SEPARATORS.reduce((best, separator) => (count(separator) > count(best) ? separator : best))
}
