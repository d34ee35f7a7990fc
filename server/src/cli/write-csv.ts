import { makePrintable } from './print.ts'

/**
 * What a spreadsheet takes for the beginning of a formula, in narrow and in full-width letters (OWASP, CSV injection).
 */
const BEGINS_FORMULA = /^[\s]*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]/u
/** What an import takes an apostrophe from: see `importing/csv-rows.ts`. */
const LOOKS_GUARDED = /^'+\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/u

/**
 * Cells as a line of CSV (RFC 4180), every one quoted: a separator that a spreadsheet guesses begins no cell of its own.
 * A text that would be taken for a formula gets an apostrophe, and what would steer a terminal is written out.
 */
export function writeCsvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(writeCell).join(',')}\r\n`
}

function writeCell(cell: string | number | null): string {
  if (cell === null) return '""'
  if (typeof cell === 'number') return `"${cell}"`
  return writeText(makePrintable(guard(cell)))
}

/**
 * The same for programs, which must have every character of a name as it is: nothing is written out, so that it is not for
 * terminals.
 */
export function writeExactCsvLine(cells: readonly (string | number | boolean | null)[]): string {
  return `${cells.map((cell) => writeText(cell === null ? '' : guardExactly(String(cell)))).join(',')}\r\n`
}

function guard(text: string): string {
  return BEGINS_FORMULA.test(text) ? `'${text}` : text
}

/** An apostrophe that is the name's own gets another before it. */
function guardExactly(text: string): string {
  return LOOKS_GUARDED.test(text) ? `'${text}` : guard(text)
}

function writeText(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
