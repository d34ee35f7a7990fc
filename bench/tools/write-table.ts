import { judge, type Row } from '../row.ts'

const TITLES = ['measure', 'value', 'ratio', 'reach', 'verdict']

/** The rows as a table that is readable in a terminal and in Markdown alike. */
export function writeTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    row.measure,
    row.value,
    row.ratio === null ? '' : `${row.ratio.toFixed(2)} of ${row.against}`,
    row.reachInWords,
    judge(row),
  ])
  const widths = TITLES.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => (line[column] ?? '').length)),
  )
  const write = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [write(TITLES), write(widths.map((width) => '-'.repeat(width))), ...lines.map(write), ''].join('\n')
}
