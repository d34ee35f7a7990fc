import type { ExitCode, Output } from './command.ts'

/** Makes a text safe to show: what strangers registered must not steer the operator's terminal. */
export function makePrintable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}

/** Writes one JSON value, with everything escaped that a terminal could take for a command. */
export function printJson(stdout: Output, value: unknown): ExitCode {
  stdout.write(`${escapeJson(JSON.stringify(value, null, 2))}\n`)
  return 0
}

/** One JSON value as one line, just as safe. */
export function writeJsonLine(value: unknown): string {
  return `${escapeJson(JSON.stringify(value))}\n`
}

function escapeJson(json: string): string {
  return json.replace(/[\u007f-\u009f]|[^\P{Cf}]|[\u2028\u2029]/gu, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

/** Writes rows under headings, each column as wide as its widest cell. */
export function printTable(stdout: Output, headings: readonly string[], rows: readonly (readonly string[])[]): void {
  stdout.write(`${alignRows([headings, ...rows]).join('\n')}\n`)
}

/** Lines up columns, two spaces apart, each line after `indent`. */
export function alignRows(rows: readonly (readonly string[])[], indent = ''): string[] {
  const cells = rows.map((row) => row.map(makePrintable))
  const widths: number[] = []
  for (const row of cells) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, measure(cell))
  }
  return cells.map((row) => {
    const padded = row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - measure(cell)))
    return `${indent}${padded.join('  ')}`.trimEnd()
  })
}

/** A time as an operator reads it, or a dash for never. */
export function showTime(milliseconds: number | null): string {
  return milliseconds === null ? '-' : new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** A size as people read it: `2.1 MB`. */
export function showBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1)
  const value = power === 0 ? String(bytes) : (bytes / 1000 ** power).toFixed(1)
  return `${value} ${units[power]}`
}

/** A number with what it counts: `1,204 accounts`. */
export function showCount(count: number, noun: string): string {
  return `${new Intl.NumberFormat('en').format(count)} ${noun}${count === 1 ? '' : 's'}`
}

function measure(text: string): number {
  return [...text].length
}
