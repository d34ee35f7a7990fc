import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeMachine } from '../../../bench/tools/describe-machine.ts'

const FILE = join(import.meta.dirname, '../../../bench/results/attack-latest.md')

/** Keeps a run of all attacks, with what it ran on. */
export function writeReport(text: string): void {
  const facts = Object.entries(describeMachine()).map(([name, fact]) => `- ${name}: ${fact}`)
  const date = new Date().toISOString().slice(0, 10)
  const head = ['# The latest attack', '', `Made by \`npm run test:attack\` on ${date}.`, '', ...facts, '']
  writeFileSync(FILE, [...head, '```', text.trimEnd(), '```', ''].join('\n'))
}
