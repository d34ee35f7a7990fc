import { setTimeout as sleep } from 'node:timers/promises'
import type { AuditFilter, ChainedAuditEntry } from '../core/ports.ts'
import type { Latchkey } from '../open-latchkey.ts'
import { AUDIT_HEADINGS, toExported, writeAuditLine } from './audit-entry.ts'
import { AUDIT_FILTER_NOTES, AUDIT_FILTER_OPTIONS, completeFilter, readAuditFilter } from './audit-filter.ts'
import type { Command, CommandContext, ExitCode, Output } from './command.ts'
import { listenForStop } from './listen-for-stop.ts'
import { writeJsonLine } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPTIONS = {
  ...AUDIT_FILTER_OPTIONS,
  limit: { type: 'string', value: 'N', help: 'How many of the newest at most, 1 to 10000 (default 50).' },
  follow: { type: 'boolean', help: 'Goes on with what happens from now on, until Ctrl-C.' },
  json: { type: 'boolean', help: 'Writes each entry as JSON, one a line.' },
} as const

/** How often new entries are looked for, in milliseconds. */
const LOOK_EVERY = 500
/** How many are taken at a time. */
const PAGE = 1000

/** `latchkey audit list`. */
export const auditList: Command = {
  name: 'audit list',
  summary: 'lists what happened, newest last: sign-ins, refusals, changes, administration',
  operands: [],
  options: OPTIONS,
  notes: AUDIT_FILTER_NOTES,
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: [], options: OPTIONS })
  const asked = readAuditFilter(args)
  const limit = args.number('limit', { min: 1, max: 10_000, otherwise: 50 })
  const { stdout, stderr } = context
  const isJson = args.flag('json')
  const write = (entries: readonly ChainedAuditEntry[]) => {
    const lines = entries.map((entry) => (isJson ? writeJsonLine(toExported(entry)) : `${writeAuditLine(entry)}\n`))
    if (lines.length > 0) stdout.write(lines.join(''))
  }
  return withLatchkey(context, async (latchkey) => {
    const { administration } = latchkey.core
    const filter = await completeFilter(latchkey.core, asked)
    // What is appended from here on is what is followed, however little of it the filter lets through.
    const [newest] = await administration.listAudit({ after: 0, limit: 1, isNewestFirst: true })
    const entries = await administration.listAudit({ ...filter, after: 0, limit, isNewestFirst: true })
    if (!isJson) stdout.write(`${AUDIT_HEADINGS}\n`)
    write(entries)
    if (args.flag('follow')) {
      const after = Math.max(newest?.seq ?? 0, entries.at(-1)?.seq ?? 0)
      return follow(latchkey, { ...filter, after, limit: PAGE }, { write, stdout })
    }
    if (entries.length === limit) stderr.write('There may be older ones: raise --limit, or use audit export\n')
    return 0
  })
}

async function follow(
  { core }: Latchkey,
  filter: AuditFilter,
  { write, stdout }: { write: (entries: readonly ChainedAuditEntry[]) => void; stdout: Output },
): Promise<ExitCode> {
  const stop = listenForStop()
  const stopping = new AbortController()
  void stop.requested.then(() => stopping.abort())
  // `audit list --follow | head`: nobody reads any more.
  stdout.once?.('error', () => stopping.abort())
  try {
    for (let { after } = filter; !stopping.signal.aborted; ) {
      const entries = await core.administration.listAudit({ ...filter, after })
      write(entries)
      after = entries.at(-1)?.seq ?? after
      if (entries.length < PAGE) await sleep(LOOK_EVERY, undefined, { signal: stopping.signal }).catch(() => {})
    }
    return 0
  } finally {
    stop.forget()
  }
}
