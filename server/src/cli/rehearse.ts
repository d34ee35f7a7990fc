import { readFileSync, statSync } from 'node:fs'
import { showTarget } from '../proving/read-target.ts'
import type { RecordingFormat } from '../proving/recorded.ts'
import { membersOf, parseJson, RECORDING_FORMATS } from '../proving/recorded.ts'
import type { RehearsalReport } from '../proving/rehearse.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { createPace } from './pace.ts'
import { makePrintable, printJson } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { ASKING_OPTIONS, readServer } from './read-server.ts'
import { CommandFailure, UsageError } from './refusals.ts'
import { createProgress } from './show-progress.ts'
import { writeRehearsal } from './show-rehearsal.ts'

const OPERANDS = [{ name: 'FILE' }] as const
const OPTIONS = {
  old: { type: 'string', value: 'URL', help: 'The server of before.' },
  new: { type: 'string', value: 'URL', help: 'The server that is to take its place.' },
  format: { type: 'string', value: 'NAME', help: 'har, jsonl or log; guessed from FILE otherwise.' },
  recorded: {
    type: 'string',
    value: 'ORIGIN',
    help: 'Whose requests in FILE count, where they went to several servers: https://old.example.com.',
  },
  credentials: {
    type: 'string',
    value: 'FILE',
    help: 'Bodies for logins that have none, as in access logs: a JSON object a line.',
  },
  'keep-ids': { type: 'boolean', help: 'Ids must be the same too, as after import --keep-ids.' },
  all: { type: 'boolean', help: 'Sends what writes too: registrations, changes of passwords.' },
  limit: { type: 'string', value: 'COUNT', help: 'At most so many requests (default 10000).' },
  ...ASKING_OPTIONS,
  json: JSON_OPTION,
} as const

/** `latchkey rehearse`. */
export const rehearse: Command = {
  name: 'rehearse',
  summary: 'replays recorded requests at the old server and at this, and shows every difference',
  operands: OPERANDS,
  options: OPTIONS,
  notes: [
    'FILE is a HAR, JSON lines ({"method","path","headers","body","answer"}) or an access log.',
    'Sent are logins, refreshes, checks and GET; a logout only after a login of FILE that opened its session.',
    'Both servers count wrong passwords as ever: copies of them are best. No password and no token is shown.',
    'Exit code 1 when anything differs. docs/conform.md says more.',
  ],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: OPERANDS, options: OPTIONS })
  const [file = ''] = args.operands
  const timeout = args.number('timeout', { min: 1, max: 600, otherwise: 10 })
  const perSecond = args.number('per-second', { min: 1, max: 10_000, otherwise: 10 })
  const limit = args.number('limit', { min: 1, max: 10_000_000, otherwise: 10_000 })
  const [old, fresh] = (['old', 'new'] as const).map((name) => {
    const text = args.text(name)
    if (text === undefined) throw new UsageError(`--${name} is missing: the address of the ${name} server.`)
    return readServer(`--${name}`, text, { header: args.text('header'), timeout })
  })
  if (old === undefined || fresh === undefined) throw new UsageError('--old and --new are missing.')
  const wanted = readFormat(args.text('format'))
  refuseUnreadable(file)
  const credentials = readCredentials(args.text('credentials'))
  // No other command replays anything.
  const { guessFormat, listOrigins, readRecording } = await import('../proving/read-recording.ts')
  const { rehearse: replay } = await import('../proving/rehearse.ts')
  const progress = createProgress(context.stderr)
  try {
    const format = wanted ?? guessFormat(file)
    const origin = chooseOrigin(await listOrigins(file, format), { asked: args.text('recorded'), old: old.url.origin })
    const report = await replay({
      old,
      fresh,
      recording: readRecording(file, format),
      origin,
      isAll: args.flag('all'),
      hasSameIds: args.flag('keep-ids'),
      credentials,
      limit,
      pace: createPace(perSecond),
      onProgress: ({ done, total }) =>
        progress.show('Replaying', { done, total, ...(format === 'har' ? { noun: 'request' } : {}) }),
    })
    progress.clear()
    const isFine = report.sent > 0 && report.agreeing === report.sent && !isCutShort(report, limit)
    const what = { old: showTarget(old), fresh: showTarget(fresh), file, format, isFine }
    if (args.flag('json')) printJson(context.stdout, toJson(report, what))
    else context.stdout.write(`${writeRehearsal(report, what).join('\n')}\n`)
    return isFine ? 0 : 1
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new CommandFailure(`${makePrintable(file)} ${error.message}`, { cause: error })
  } finally {
    progress.clear()
  }
}

/** To have sent as many as were wanted is no mishap. */
function isCutShort({ stopped, sent }: RehearsalReport, limit: number): boolean {
  return stopped !== null && sent < limit
}

function readFormat(text: string | undefined): RecordingFormat | undefined {
  const format = RECORDING_FORMATS.find((name) => name === text)
  if (text !== undefined && format === undefined) throw new UsageError('--format takes har, jsonl or log.')
  return format
}

function refuseUnreadable(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return
  throw new CommandFailure(`There is no file ${makePrintable(file)}.`)
}

function readCredentials(file: string | undefined): readonly string[] {
  if (file === undefined) return []
  refuseUnreadable(file)
  const lines = readFileSync(file, 'utf8').split(/\r?\n/)
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    if (membersOf(parseJson(line)) === null) {
      throw new CommandFailure(`Line ${index + 1} of ${makePrintable(file)} is no JSON object, as a login’s body is.`)
    }
    return [line]
  })
}

/** Whose requests count: a browser’s recording has those to fonts and counters too. */
function chooseOrigin(
  origins: ReadonlySet<string>,
  { asked, old }: { readonly asked: string | undefined; readonly old: string },
): string | null {
  if (asked !== undefined) {
    const origin = URL.canParse(asked) ? new URL(asked).origin : ''
    if (origins.has(origin)) return origin
    throw new UsageError(`--recorded names a server that FILE has no request to${listSome(origins)}.`)
  }
  if (origins.size === 0) return null
  if (origins.has(old)) return old
  const [only] = origins
  if (origins.size === 1 && only !== undefined) return only
  throw new UsageError(`FILE has requests to several servers: say with --recorded which counts${listSome(origins)}.`)
}

function listSome(origins: ReadonlySet<string>): string {
  const [...all] = origins
  return all.length === 0 ? '' : ` (${makePrintable(all.slice(0, 5).join(', '))}${all.length > 5 ? ', …' : ''})`
}

function toJson(
  report: RehearsalReport,
  { old, fresh, file, format, isFine }: { old: string; fresh: string; file: string; format: string; isFine: boolean },
): unknown {
  return {
    ok: isFine,
    old,
    new: fresh,
    file,
    format,
    sent: report.sent,
    agree: report.agreeing,
    differ: report.sent - report.agreeing,
    sent_with_tokens_as_recorded: report.foreignTokens,
    stopped: report.stopped,
    left_out: Object.fromEntries(report.leftOut),
    unreadable: { count: report.unreadableCount, first: report.unreadable },
    findings: report.findings.map(({ line, request, count, differences }) => ({
      line,
      request,
      count,
      differences: differences.map(({ at, expected, got }) => ({ at, old: expected, new: got })),
    })),
    unlisted: report.unlisted,
  }
}
