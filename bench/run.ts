import { measureAudit } from './measures/measure-audit.ts'
import { measureChecks } from './measures/measure-checks.ts'
import { measureImport } from './measures/measure-import.ts'
import { measureLegacyLogins } from './measures/measure-legacy-logins.ts'
import { measureLogins } from './measures/measure-logins.ts'
import { measureMemory } from './measures/measure-memory.ts'
import { measureStart } from './measures/measure-start.ts'
import { measureWaits } from './measures/measure-waits.ts'
import { removeFolders } from './processes/start-latchkey.ts'
import type { Row } from './row.ts'
import { describeMachine } from './tools/describe-machine.ts'
import { showProgress } from './tools/show-progress.ts'
import { writeResults } from './tools/write-results.ts'
import { writeTable } from './tools/write-table.ts'

const MEASURES: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  logins: measureLogins,
  'legacy-logins': measureLegacyLogins,
  checks: measureChecks,
  audit: measureAudit,
  waits: measureWaits,
  start: measureStart,
  memory: measureMemory,
  import: measureImport,
}

/**
 * Runs the measures named, or all. Only a run of all is kept: figures of different runs do not stand in one table.
 *
 * @returns the exit code: a missed target is a finding, not an error.
 */
async function run(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => MEASURES[name] === undefined)
  if (unknown.length > 0) {
    process.stderr.write(`bench: there is no ${unknown.join(', ')}: only ${Object.keys(MEASURES).join(', ')}\n`)
    return 1
  }
  const startedAt = new Date()
  showProgress(`on ${JSON.stringify(describeMachine())}`)
  try {
    const rows: Row[] = []
    for (const [name, measure] of Object.entries(MEASURES)) {
      if (names.length === 0 || names.includes(name)) rows.push(...(await measure()))
    }
    process.stdout.write(`\n${writeTable(rows)}\n`)
    if (names.length === 0) process.stdout.write(`Kept in ${writeResults(rows, startedAt)} and latest.md beside it.\n`)
    return 0
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.stack : error}\n`)
    return 1
  } finally {
    removeFolders()
  }
}

process.exitCode = await run(process.argv.slice(2))
