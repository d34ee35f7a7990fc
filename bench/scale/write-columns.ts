/** Titles and lines as a Markdown table with its columns aligned. */
export function writeColumns(titles: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => (line[column] ?? '').length)),
  )
  const write = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`
  return [write(titles), write(widths.map((width) => '-'.repeat(width))), ...lines.map(write)].join('\n')
}
