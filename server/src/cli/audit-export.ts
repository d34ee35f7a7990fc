import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { AuditFilter } from '../core/ports.ts'
import type { Latchkey } from '../open-latchkey.ts'
import { claimName, syncFile } from '../store/put-in-place.ts'
import { AUDIT_FIELDS, type ExportedEntry, toExported } from './audit-entry.ts'
import { AUDIT_FILTER_NOTES, AUDIT_FILTER_OPTIONS, completeFilter, readAuditFilter } from './audit-filter.ts'
import type { Command, CommandContext, ExitCode, Output } from './command.ts'
import { listenForStop } from './listen-for-stop.ts'
import { makePrintable, showCount, writeJsonLine } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { CommandFailure, UsageError } from './refusals.ts'
import { withLatchkey } from './with-latchkey.ts'
import { writeCsvLine } from './write-csv.ts'

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
  if (file !== undefined) checkName(file)
  return withLatchkey(context, async (latchkey): Promise<ExitCode> => {
    const filter = await completeFilter(latchkey.core, asked)
    if (file === undefined) {
      await exportTo(latchkey, { filter, format, ...createSink(context.stdout) })
      return 0
    }
    const count = await exportToFile(latchkey, { filter, format, file })
    context.stdout.write(`Exported ${showCount(count, 'event')} to ${makePrintable(file)}.\n`)
    return 0
  })
}

type Export = { readonly filter: Omit<AuditFilter, 'after' | 'limit'>; readonly format: Format }

/** Who takes what is exported. */
type Sink = {
  write(text: string): Promise<void> | void
  /** Whether there is still somebody who does. */
  isWanted(): boolean
}

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

async function exportToFile(latchkey: Latchkey, { file, ...asked }: Export & { file: string }): Promise<number> {
  const draft = `${file}.${randomBytes(6).toString('hex')}.draft`
  const handle = openSync(draft, 'wx', 0o600)
  const stop = listenForStop()
  let isStopped = false
  void stop.requested.then(() => {
    isStopped = true
  })
  try {
    const write = (text: string) => writeAll(handle, Buffer.from(text))
    const count = await exportTo(latchkey, { ...asked, write, isWanted: () => !isStopped })
    if (isStopped) throw new CommandFailure('Stopped: nothing was exported.')
    syncFile(draft)
    claimName(draft, file)
    return count
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new CommandFailure(wordTaken(file), { cause: error })
    }
    throw error
  } finally {
    stop.forget()
    closeSync(handle)
    rmSync(draft, { force: true })
  }
}

/** A disk may take less at a time than it was given. */
function writeAll(handle: number, bytes: Buffer): void {
  for (let from = 0; from < bytes.length; ) from += writeSync(handle, bytes, from)
}

/**
 * Writes as fast as somebody reads: a reader that is slower than the database must not fill the memory with what it has
 * yet to read, and one that goes away (`audit export | head`) must not keep the database busy.
 */
function createSink(output: Output): Sink {
  let isWanted = true
  let goOn = () => {}
  const end = () => {
    isWanted = false
    goOn()
  }
  output.once?.('close', end)
  output.once?.('error', end)
  return {
    async write(text) {
      if (!isWanted || text === '' || output.write(text) !== false || output.once === undefined) return
      const room = Promise.withResolvers<void>()
      goOn = room.resolve
      output.once('drain', room.resolve)
      await room.promise
    },
    isWanted: () => isWanted,
  }
}

/** So that nobody waits for an export that nothing can hold. */
function checkName(file: string): void {
  if (file === '') throw new UsageError('--out takes the name of a new file.')
  if (existsSync(file)) throw new CommandFailure(wordTaken(file))
  const directory = dirname(file)
  if (existsSync(directory)) return
  throw new CommandFailure(
    `There is no directory ${makePrintable(directory)}: make it, or name another file. Nothing was exported.`,
  )
}

function wordTaken(file: string): string {
  return `${makePrintable(file)} is there already: name another file, or remove it. Nothing was exported.`
}
