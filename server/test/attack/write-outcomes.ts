import { findBroken, type Outcome } from './outcome.ts'

const TITLES = ['attack', 'tried', 'evaluated', 'refused', '5xx', 'memory', 'good p99', 'verdict']

/** The outcomes as a table for a terminal and for Markdown, and below it every promise. */
export function writeOutcomes(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => [
    outcome.scenario,
    String(outcome.tried),
    String(outcome.evaluated),
    String(outcome.refused),
    String(outcome.faults),
    writeMemory(outcome),
    `${outcome.good.checks.p99.toFixed(1)} ms (${outcome.quiet.checks.p99.toFixed(1)} before)`,
    findBroken(outcome).length === 0 ? 'kept' : 'BROKEN',
  ])
  return [...writeTable(TITLES, rows), '', ...outcomes.flatMap(writePromises), ''].join('\n')
}

/** Lines of a table. */
export function writeTable(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)))
  const write = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [write(titles), write(widths.map((width) => '-'.repeat(width))), ...rows.map(write)]
}

function writeMemory({ memory: { before, peak, after } }: Outcome): string {
  return `${signed(after - before)} MB (peak ${signed(peak - before)})`
}

function signed(megabytes: number): string {
  return `${megabytes < 0 ? '' : '+'}${megabytes.toFixed(0)}`
}

function writePromises({ scenario, promises, remarks }: Outcome): string[] {
  return [
    scenario,
    ...promises.map(({ words, isKept }) => `- ${isKept ? '' : 'BROKEN: '}${words}`),
    ...remarks.map((remark) => `- ${remark}`),
    '',
  ]
}
