import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { DEFAULT_SOURCE } from '../core/legacy-port.ts'
import type { HashHints } from '../core/ports.ts'
import { readHashHints } from '../core/read-hash-hints.ts'
import type { SourceRequest } from '../importing/open-source.ts'
import { FORMATS, type Format } from '../importing/source.ts'
import type { Arguments } from './read-arguments.ts'
import { readMap } from './read-map.ts'
import { CommandFailure, UsageError } from './refusals.ts'

/** The operand and the options of `latchkey import`. */
export const IMPORT_OPERANDS = [{ name: 'FILE', isOptional: true }] as const
export const IMPORT_OPTIONS = {
  from: { type: 'string', value: 'URL', help: 'Reads a Django database instead: postgres://… or sqlite:PATH.' },
  'password-file': { type: 'string', value: 'FILE', help: 'Holds the password for --from; or set PGPASSWORD.' },
  format: { type: 'string', value: 'FORMAT', help: `${FORMATS.join(', ')}; guessed where it is not said.` },
  table: { type: 'string', value: 'NAME', help: 'Model (app.model) or table of accounts; auth.user, auth_user.' },
  map: { type: 'string', value: 'FIELD=COLUMN,…', help: 'Which column holds which field, where names differ.' },
  source: { type: 'string', value: 'NAME', help: `Names the back end before (default ${DEFAULT_SOURCE}).` },
  hashes: { type: 'string', value: 'FILE', help: 'JSON that says how hashes were made which do not say it.' },
  'token-seconds': { type: 'string', value: 'N', help: 'How long its opaque keys were good for.' },
  'keep-ids': { type: 'boolean', help: 'Accounts keep their ids. Best into a database that is empty.' },
  'keep-staff': { type: 'boolean', help: 'Staff keep their flag, which grants nothing here.' },
  'dry-run': { type: 'boolean', help: 'Says what would happen, and changes nothing.' },
  rejects: { type: 'string', value: 'FILE', help: 'Gets the rows that are left behind, without passwords.' },
  restart: { type: 'boolean', help: 'Begins again where an import was broken off.' },
  json: { type: 'boolean', help: 'Answers in JSON.' },
} as const

/** What is to be imported, and how. */
export type ImportOptions = {
  readonly request: SourceRequest
  /** What it reads, in words. */
  readonly from: string
  /** Of the import: the same command on the same file has the same. */
  readonly name: string
  /** What the input looks like now. */
  readonly fingerprint: string
  readonly source: string
  readonly hints: HashHints
  readonly keepsIds: boolean
  readonly keepsStaff: boolean
  readonly rejects: { readonly file: string; readonly isNamed: boolean }
}

/** How much of a file's beginning is compared. */
const HEAD = 65_536

/**
 * Reads what is to be imported.
 *
 * @throws {UsageError} when it was not said, or twice.
 * @throws {CommandFailure} when a file that was named cannot be used.
 */
export function readImportOptions(
  args: Arguments<typeof IMPORT_OPTIONS>,
  env: Readonly<Record<string, string | undefined>>,
): ImportOptions {
  const [file] = args.operands
  const url = args.text('from')
  if ((file === undefined) === (url === undefined)) {
    throw new UsageError('Name a FILE to import, or a database with --from: one of the two.')
  }
  const password = url === undefined ? null : readPassword(args.text('password-file'), env)
  const from = url === undefined ? { file: file ?? '' } : { url, password }
  const source = args.text('source') ?? DEFAULT_SOURCE
  if (!/^[a-z0-9][a-z0-9_-]{0,39}$/.test(source)) {
    throw new UsageError('--source takes a name of small letters, digits, - and _, 40 at most.')
  }
  const request = {
    from,
    format: readFormat(args.text('format')),
    table: args.text('table'),
    map: readMap(args.text('map')),
  }
  const keepsIds = args.flag('keep-ids')
  const keepsStaff = args.flag('keep-staff')
  const shown = url === undefined ? (file ?? '') : withoutPassword(url)
  const place = url === undefined ? resolveFile(file ?? '') : withoutPassword(url)
  const { format, table, map } = request
  const hints = readHints(args.text('hashes'))
  const rejects = args.text('rejects')
  return {
    request,
    from: shown,
    name: digest(JSON.stringify([place, format, table, map, source, keepsIds, keepsStaff])),
    fingerprint: url === undefined ? fingerprint(file ?? '') : '',
    source,
    hints,
    keepsIds,
    keepsStaff,
    rejects: {
      file: rejects ?? `${url === undefined ? basename(file ?? '') : 'import'}.rejects.jsonl`,
      isNamed: rejects !== undefined,
    },
  }
}

function readFormat(text: string | undefined): Format | undefined {
  if (text === undefined) return undefined
  const format = FORMATS.find((known) => known === text)
  if (format === undefined) throw new UsageError(`--format is one of ${FORMATS.join(', ')}.`)
  return format
}

function readHints(file: string | undefined): HashHints {
  if (file === undefined) return {}
  const hints = readHashHints(parseFile(file))
  if ('problem' in hints) throw new CommandFailure(`${file} cannot be used: ${hints.problem}.`)
  return hints
}

function parseFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new CommandFailure(`${file} cannot be read as JSON: is it there, and may this user read it?`, { cause })
  }
}

function readPassword(file: string | undefined, env: Readonly<Record<string, string | undefined>>): string | null {
  if (file === undefined) return env.PGPASSWORD ?? null
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new CommandFailure(`${file} cannot be read: is it there, and may this user read it?`, { cause })
  }
}

function resolveFile(file: string): string {
  try {
    const path = realpathSync(file)
    if (statSync(path).isFile()) return path
  } catch (cause) {
    throw new CommandFailure(`There is no file ${file} that this user may read.`, { cause })
  }
  throw new CommandFailure(
    `${file} is not a file that can be read twice: write what comes from it into a file first, and name that.`,
  )
}

/** A file that was written anew has another, unless somebody took pains. */
function fingerprint(file: string): string {
  const { size, mtimeMs } = statSync(file)
  const head = Buffer.alloc(HEAD)
  const handle = openSync(file, 'r')
  try {
    const length = readSync(handle, head, 0, HEAD, 0)
    return [size, mtimeMs, digest(head.subarray(0, length))].join(' ')
  } finally {
    closeSync(handle)
  }
}

function withoutPassword(url: string): string {
  return url.replace(/^(postgres(?:ql)?:\/\/[^:@/?#]*):[^/?#]*@/i, '$1@').replace(/([?&]password=)[^&]*/gi, '$1…')
}

function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
