import type { NotedImport } from '../core/import-state.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { makePrintable, printJson, showCount, showTime } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { withLatchkey } from './with-latchkey.ts'
import { wordLegacyAnswers } from './word-legacy-answers.ts'
import { reportToJson } from './write-import-report.ts'

const OPTIONS = { json: JSON_OPTION } as const

/** `latchkey import status`. */
export const importStatus: Command = {
  name: 'import status',
  summary: 'says what was moved in, and how many accounts still have the hash they came with',
  operands: [],
  options: OPTIONS,
  notes: ['A hash is replaced by our own when its owner signs in.'],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: [], options: OPTIONS })
  return withLatchkey(context, async ({ core }) => {
    const { accounts, formats, sessions, imports } = await core.administration.reviewImports()
    const answers = await core.administration.listLegacyAnswers()
    const remaining = Object.values(formats).reduce((sum, count) => sum + count, 0)
    if (args.flag('json')) {
      return printJson(context.stdout, {
        accounts,
        legacy_hashes: remaining,
        legacy_formats: formats,
        legacy_sessions: sessions,
        imports: imports.map(importToJson),
        legacy_servers: answers,
      })
    }
    const lines = [
      `${showCount(accounts, 'account')}, ${remaining} of them with the hash they came with.`,
      ...Object.entries(formats).map(([format, count]) => `  ${format}: ${count}`),
      `${showCount(sessions, 'live session')} from before.`,
      ...(imports.length === 0 ? ['Nothing was imported.'] : imports.map(wordImport)),
      ...(answers.length === 0 ? [] : ['Old servers:', ...wordLegacyAnswers(answers).map((words) => `  ${words}`)]),
    ]
    context.stdout.write(`${lines.map(makePrintable).join('\n')}\n`)
    return 0
  })
}

function wordImport({ state }: NotedImport): string {
  const { imported, updated, skipped, rows } = state.report
  const noted = showTime(state.notedAt)
  const end = state.isEnded ? `ended ${noted}` : `under way at ${noted}; if it was broken off, run it again to go on`
  const counts = `${imported} imported, ${updated} updated, ${skipped} left behind`
  return `Import of ${state.from}: ${showCount(rows, 'row')}, ${counts}; ${end}.`
}

function importToJson({ state }: NotedImport): unknown {
  const { from, isEnded, startedAt, notedAt, report } = state
  const times = { started_at: showTime(startedAt), updated_at: showTime(notedAt) }
  return { from, ended: isEnded, ...times, ...reportToJson(report) }
}
