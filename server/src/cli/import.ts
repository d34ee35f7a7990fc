import { availableParallelism } from 'node:os'
import type { ImportReport } from '../core/import-report.ts'
import type { ImportState } from '../core/import-state.ts'
import { rehearseImport } from '../core/rehearse-import.ts'
import { openSource } from '../importing/open-source.ts'
import { type Source, SourceError } from '../importing/source.ts'
import { withAccountsHere } from '../inspect-database.ts'
import type { Latchkey } from '../open-latchkey.ts'
import { readConfig } from '../read-config.ts'
import type { Command, CommandContext, ExitCode } from './command.ts'
import { openRejects, type Rejects } from './import-rejects.ts'
import { listenForStop } from './listen-for-stop.ts'
import { openSeenNames } from './open-seen-names.ts'
import { makePrintable, printJson, showCount } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { IMPORT_OPERANDS, IMPORT_OPTIONS, type ImportOptions, readImportOptions } from './read-import-options.ts'
import { CommandFailure } from './refusals.ts'
import { createProgress } from './show-progress.ts'
import { withLatchkey } from './with-latchkey.ts'
import { reportToJson, writeImportReport } from './write-import-report.ts'

/** The longest that opaque keys are said to live, in seconds: a hundred years. */
const LONGEST_LIFE = 3_155_760_000

/** `latchkey import`. */
export const importCommand: Command = {
  name: 'import',
  summary: 'moves the accounts of another back end in, with their passwords and tokens',
  operands: IMPORT_OPERANDS,
  options: IMPORT_OPTIONS,
  notes: [
    'Try it with --dry-run first. It can be broken off at any time: the same command goes on where it was.',
    'An account whose name is taken here is left behind and never merged. See docs/import.md.',
  ],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: IMPORT_OPERANDS, options: IMPORT_OPTIONS })
  const config = readConfig(context.env)
  const life = { min: 1, max: LONGEST_LIFE, otherwise: config.drfTokenSeconds }
  const task: Task = {
    ...readImportOptions(args, context.env),
    tokenSeconds: args.number('token-seconds', life),
    idClaim: config.legacyIdClaim,
    isAnew: args.flag('restart'),
    isJson: args.flag('json'),
  }
  return orRefused(async () => {
    const source = await openSource(task.request)
    try {
      if (!task.isJson) for (const note of [`Reading ${source.description}.`, ...source.notes]) say(context, note)
      if (args.flag('dry-run')) return await rehearse(context, task, source)
      const importAll = (latchkey: Latchkey) => importFrom(context, task, { source, latchkey })
      return await withLatchkey(context, importAll, { makesDatabase: true, isBulk: true })
    } finally {
      await source.close()
    }
  })
}

type Task = ImportOptions & {
  readonly tokenSeconds: number
  readonly idClaim: string | null
  readonly isAnew: boolean
  readonly isJson: boolean
}

async function rehearse(context: CommandContext, task: Task, source: Source): Promise<ExitCode> {
  const { file, isNamed } = task.rejects
  const rejects = isNamed ? openRejects(file, { state: null, mayReplace: false }) : null
  const seen = openSeenNames()
  const watch = watchProgress(context, source, 'Looking at')
  try {
    const report = await withAccountsHere(readConfig(context.env), (ports) =>
      rehearseImport(ports, {
        ...task,
        ...watch,
        seen,
        rows: source.rows(),
        reject: (lines) => rejects?.write(lines),
      }),
    )
    watch.end()
    if (!watch.isWanted()) throw new CommandFailure('Stopped: nothing was changed.')
    return tell(context, task, { report, source, isDryRun: true, isEnded: true, rejects })
  } finally {
    watch.end()
    seen.close()
    rejects?.close()
  }
}

async function importFrom(
  context: CommandContext,
  task: Task,
  { source, latchkey }: { source: Source; latchkey: Latchkey },
): Promise<ExitCode> {
  const { administration } = latchkey.core
  const { kind, state } = await administration.beginImport(task)
  if (kind === 'changed') throw new CommandFailure(wordChanged(task, state))
  const { rows } = state.report
  if (kind === 'again') say(context, `Going on after ${showCount(rows, 'row')}, where this import was broken off.`)
  const { file, isNamed } = task.rejects
  const rejects = openRejects(file, { state, mayReplace: !isNamed })
  const watch = watchProgress(context, source, 'Importing')
  try {
    const ended = await administration.importAccounts({
      ...task,
      ...watch,
      state,
      rows: rows === 0 ? source.rows() : source.rows({ rows, line: state.line }),
      lanes: availableParallelism(),
      reject: rejects.write,
    })
    watch.end()
    return tell(context, task, { ...ended, source, isDryRun: false, rejects })
  } finally {
    watch.end()
    rejects.close()
  }
}

/** Shows how far it is, and hears when it is to stop. */
function watchProgress({ stderr }: CommandContext, source: Source, doing: string) {
  const progress = createProgress(stderr)
  const stop = listenForStop()
  let isStopped = false
  void stop.requested.then(() => {
    isStopped = true
  })
  return {
    isWanted: () => !isStopped,
    onProgress({ rows }: ImportReport) {
      const { done, total, unit } = source.progress()
      const shown = `${doing} ${showCount(rows, 'row')}`
      if (unit === 'bytes') progress.show(shown, { done, total })
      else progress.show(`${shown} of ${total}`)
    },
    end() {
      progress.clear()
      stop.forget()
    },
  }
}

function tell(
  context: CommandContext,
  task: Task,
  outcome: {
    readonly report: ImportReport
    readonly source: Source
    readonly isDryRun: boolean
    readonly isEnded: boolean
    readonly rejects: Rejects | null
  },
): ExitCode {
  const { report, isDryRun, isEnded } = outcome
  const rejects = report.skipped === 0 ? null : (outcome.rejects?.file ?? null)
  if (task.isJson) {
    const facts = { from: task.from, format: outcome.source.format, source: task.source, dry_run: isDryRun }
    printJson(context.stdout, { ...facts, ended: isEnded, ...reportToJson(report), rejects })
  } else context.stdout.write(writeImportReport(report, { isDryRun, rejects }))
  if (isEnded) return 0
  context.stderr.write('Stopped. The same command goes on from here.\n')
  return 1
}

function say({ stderr }: CommandContext, sentence: string): void {
  stderr.write(`${makePrintable(sentence)}\n`)
}

async function orRefused(action: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await action()
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    throw new CommandFailure(makePrintable(error.message), { cause: error })
  }
}

function wordChanged({ from }: Task, { report }: ImportState): string {
  return (
    `${makePrintable(from)} has changed since this import was broken off after ${showCount(report.rows, 'row')}: put it back ` +
    'as it was, or begin again with --restart: accounts that are here already are recognised and brought up to date.'
  )
}
