import { makePrintable } from './print.ts'

/**
 * What a spreadsheet takes for the beginning of a formula, in narrow and in full-width letters (OWASP, CSV injection).
 */
const BEGINS_FORMULA = /^[\s]*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]/u

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
  const text = BEGINS_FORMULA.test(cell) ? `'${cell}` : cell
  return `"${makePrintable(text).replaceAll('"', '""')}"`
}
