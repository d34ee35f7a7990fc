import type { AuditFilter } from '../core/ports.ts'
import type { Latchkey } from '../open-latchkey.ts'
import { AUDIT_FIELDS, type ExportedEntry, toExported } from './audit-entry.ts'
import { AUDIT_FILTER_NOTES, AUDIT_FILTER_OPTIONS, completeFilter, readAuditFilter } from './audit-filter.ts'
import type { Command, CommandContext, ExitCode } from './command.ts'
import { makePrintable, showCount, writeJsonLine } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { UsageError } from './refusals.ts'
import { withLatchkey } from './with-latchkey.ts'
import { writeCsvLine } from './write-csv.ts'
import { checkNewName, createSink, fillFile, type Sink } from './write-export.ts'

const OPTIONS = {
  format: { type: 'string', value: 'FORMAT', help: 'jsonl (default): an object a line; csv: for spreadsheets.' },
  out: { type: 'string', value: 'FILE', help: 'A new file, readable by its owner only, instead of stdout.' },
  ...AUDIT_FILTER_OPTIONS,
} as const

/** How many entries are in memory at a time. */
const PAGE = 1000

type Format = { readonly header: string; write(entry: ExportedEntry): string }

const FORMATS: Readonly<Record<string, Format>> = {
  jsonl: { header: '', write: writeJsonLine },
  csv: {
    header: writeCsvLine(AUDIT_FIELDS),
    write: (entry) =>
      writeCsvLine(
        AUDIT_FIELDS.map((field) => {
          const value = entry[field]
          return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
        }),
      ),
  },
}

/** `latchkey audit export`. */
export const auditExport: Command = {
  name: 'audit export',
  summary: 'writes the audit log, oldest first, for other programs',
  operands: [],
  options: OPTIONS,
  notes: [
    'FILE gets its name only when it is whole. In CSV an apostrophe stands before what a spreadsheet would run.',
    ...AUDIT_FILTER_NOTES,
  ],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: [], options: OPTIONS })
  const name = args.text('format') ?? 'jsonl'
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined
  if (format === undefined) throw new UsageError('--format is jsonl or csv.')
  const asked = readAuditFilter(args)
  const file = args.text('out')
  if (file !== undefined) checkNewName(file)
  return withLatchkey(context, async (latchkey): Promise<ExitCode> => {
    const filter = await completeFilter(latchkey.core, asked)
    if (file === undefined) {
      await exportTo(latchkey, { filter, format, ...createSink(context.stdout) })
      return 0
    }
    const count = await fillFile(file, (sink) => exportTo(latchkey, { filter, format, ...sink }))
    context.stdout.write(`Exported ${showCount(count, 'event')} to ${makePrintable(file)}.\n`)
    return 0
  })
}

type Export = { readonly filter: Omit<AuditFilter, 'after' | 'limit'>; readonly format: Format }

/** A page at a time, while it is wanted; says how many entries there were. */
async function exportTo({ core }: Latchkey, { filter, format, write, isWanted }: Export & Sink): Promise<number> {
  await write(format.header)
  let count = 0
  for (let after = 0; isWanted(); ) {
    const entries = await core.administration.listAudit({ ...filter, after, limit: PAGE })
    await write(entries.map((entry) => format.write(toExported(entry))).join(''))
    count += entries.length
    const last = entries.at(-1)
    if (last === undefined || !(last.seq > after)) return count
    after = last.seq
  }
  return count
}
