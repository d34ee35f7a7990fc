import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { judge, type Row } from '../row.ts'
import { describeMachine } from './describe-machine.ts'
import { writeTable } from './write-table.ts'

const FOLDER = join(import.meta.dirname, '..', 'results')

/**
 * Keeps a run: every round as `results/<date>.json`, and the table as `results/latest.md`.
 *
 * @returns where the rounds are.
 */
export function writeResults(rows: readonly Row[], startedAt: Date): string {
  mkdirSync(FOLDER, { recursive: true })
  const machine = describeMachine()
  const file = join(FOLDER, `${startedAt.toISOString().slice(0, 19).replaceAll(':', '')}.json`)
  const judged = rows.map((row) => ({ ...row, verdict: judge(row) }))
  writeFileSync(file, `${JSON.stringify({ startedAt, machine, rows: judged }, null, 2)}\n`)

  const facts = Object.entries(machine).map(([name, fact]) => `- ${name}: ${fact}`)
  const date = startedAt.toISOString().slice(0, 10)
  const text = ['# The latest benchmark', '', `Made by \`npm run bench\` on ${date}; how to read it: ../README.md.`, '']
  writeFileSync(join(FOLDER, 'latest.md'), [...text, writeTable(rows), ...facts, ''].join('\n'))
  return relative(process.cwd(), file)
}
