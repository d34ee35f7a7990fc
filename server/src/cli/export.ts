import { UNREADABLE_FORMAT } from '../core/legacy-port.ts'
import type { Latchkey } from '../open-latchkey.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { createWriter, EXPORT_FORMATS, type ExportRequest, type Tally } from './export-writer.ts'
import { EXPORT_FIELDS, type ExportField, HASH_FIELDS, isExportField } from './exported-account.ts'
import { makePrintable, printJson, showCount } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { readMap } from './read-map.ts'
import { CommandFailure, UsageError } from './refusals.ts'
import { createProgress } from './show-progress.ts'
import { tallyToJson, wordTally } from './tell-export.ts'
import { withLatchkey } from './with-latchkey.ts'
import { checkNewName, createSink, fillFile, type Sink } from './write-export.ts'
import { FIXTURE_FIELDS } from './write-fixture.ts'

const OPTIONS = {
  format: { type: 'string', value: 'FORMAT', help: 'django: for loaddata, with hashes; jsonl; csv.' },
  out: { type: 'string', value: 'FILE', help: 'A new file, readable by its owner only, instead of stdout.' },
  'with-hashes': { type: 'boolean', help: 'jsonl and csv: with the hashes of passwords.' },
  fields: { type: 'string', value: 'A,B,…', help: 'jsonl and csv: these fields alone, in this order.' },
  'legacy-ids': { type: 'string', value: 'SOURCE', help: 'The ids that accounts had there before they were imported.' },
  'own-ids': { type: 'boolean', help: 'django: the ids of Latchkey, for a database that has no users yet.' },
  table: { type: 'string', value: 'APP.MODEL', help: 'django: the model of accounts (default auth.user).' },
  map: { type: 'string', value: 'FIELD=COLUMN,…', help: 'django: columns of a model that calls them otherwise.' },
  json: JSON_OPTION,
} as const

/** `latchkey export`. */
export const exportAccounts: Command = {
  name: 'export',
  summary: 'writes all accounts for another back end: the way back',
  operands: [],
  options: OPTIONS,
  notes: [
    'Who has the hashes can try passwords on them, as fast as machines are bought: keep FILE as you keep the database, and',
    'remove it when it has been loaded. That accounts were exported stands in the audit log.',
    'Django checks argon2 hashes where argon2-cffi is installed and Argon2PasswordHasher is in PASSWORD_HASHERS; see docs/export.md.',
  ],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: [], options: OPTIONS })
  const format = EXPORT_FORMATS.find((name) => name === args.text('format'))
  if (format === undefined) throw new UsageError('--format is django, jsonl or csv.')
  const source = args.text('legacy-ids') ?? null
  const fields = readFields(args.text('fields'), { hasHashes: args.flag('with-hashes'), hasLegacyIds: source !== null })
  const request: ExportRequest = {
    format,
    fields,
    hasHashes: format === 'django' || fields.some((field) => HASH_FIELDS.has(field)),
    source,
    ownIds: args.flag('own-ids'),
    model: (args.text('table') ?? 'auth.user').toLowerCase(),
    map: readMap(args.text('map')),
  }
  checkRequest(request, context.args)
  const file = args.text('out')
  const isJson = args.flag('json')
  if (file !== undefined) checkNewName(file)
  else if (isJson) throw new UsageError('--json tells of a file: add --out FILE.')
  else if (request.hasHashes && context.stdout.isTTY === true) {
    throw new UsageError('Hashes are not shown on a terminal: add --out FILE, or pipe them to where they go.')
  }
  return withLatchkey(context, async (latchkey): Promise<ExitCode> => {
    await checkIds(latchkey, request)
    const progress = createProgress(context.stderr)
    const show = (accounts: number) => progress.show(`Exporting: ${showCount(accounts, 'account')}`)
    const write = (sink: Sink) => exportTo(latchkey, { request, sink, show })
    try {
      const tally = file === undefined ? await write(createSink(context.stdout)) : await fillFile(file, write)
      progress.clear()
      if (isJson) return printJson(context.stdout, tallyToJson(tally, request))
      const told = file === undefined ? context.stderr : context.stdout
      told.write(`${wordTally(tally, { request, file })}\n`)
      return 0
    } finally {
      progress.clear()
    }
  })
}

/** The fields of jsonl and csv: those that are named, or all but what was not asked for. */
function readFields(
  text: string | undefined,
  { hasHashes, hasLegacyIds }: { hasHashes: boolean; hasLegacyIds: boolean },
): readonly ExportField[] {
  if (text === undefined) {
    return EXPORT_FIELDS.filter((field) => {
      if (HASH_FIELDS.has(field)) return hasHashes
      return field !== 'legacy_id' || hasLegacyIds
    })
  }
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !isExportField(name))
  if (unknown !== undefined) {
    throw new UsageError(`There is no field ${JSON.stringify(unknown)}: the fields are ${EXPORT_FIELDS.join(', ')}.`)
  }
  return [...new Set(names.filter(isExportField))]
}

function checkRequest({ format, source, ownIds, model, map }: ExportRequest, args: readonly string[]): void {
  const others = format === 'django' ? ['--fields', '--with-hashes'] : ['--own-ids', '--table', '--map']
  const wrong = others.find((name) => args.some((arg) => arg.split('=')[0] === name))
  if (wrong === '--with-hashes')
    throw new UsageError('The format django always has the hashes: leave --with-hashes out.')
  if (wrong !== undefined) throw new UsageError(`${wrong} does not go with --format ${format}.`)
  if (source !== null && ownIds) throw new UsageError('--legacy-ids and --own-ids exclude each other.')
  if (!/^\w+\.\w+$/.test(model)) throw new UsageError('--table takes a model as Django names it: APP.MODEL.')
  const unknown = Object.keys(map).find((field) => !FIXTURE_FIELDS.includes(field))
  if (unknown !== undefined) {
    throw new UsageError(`There is no field ${unknown} to map: the fields are ${FIXTURE_FIELDS.join(', ')}.`)
  }
}

/** Loading a fixture replaces whoever has an id: ids that mean somebody else there would mix people up. */
async function checkIds({ core }: Latchkey, { format, source, ownIds }: ExportRequest): Promise<void> {
  const sources = await core.administration.listLegacySources()
  if (source !== null && !sources.some((known) => known.source === source)) {
    const known = sources.map(({ source }) => source).join(', ')
    throw new CommandFailure(
      `No account was imported from ${makePrintable(source)}. ${known === '' ? 'None was imported at all.' : `There is: ${known}.`}`,
    )
  }
  const moved = sources.find((known) => known.moved > 0)
  if (format !== 'django' || source !== null || ownIds || moved === undefined) return
  throw new CommandFailure(
    `${showCount(moved.moved, 'account')} had another id in the back end before: loaded there, they would replace other ` +
      `people. To load them there, add --legacy-ids ${moved.source}; for a database without users, add --own-ids. ` +
      'Nothing was exported.',
  )
}

/** A page at a time, while it is wanted. */
async function exportTo(
  { core }: Latchkey,
  { request, sink, show }: { request: ExportRequest; sink: Sink; show: (accounts: number) => void },
): Promise<Tally> {
  const { format, source, hasHashes } = request
  const losses = { unusable: new Map<string, number>(), renamed: 0, shortened: 0 }
  const tally: Tally = { accounts: 0, withoutPassword: 0, losses }
  const { head, between, tail, write } = createWriter(request, losses)
  await sink.write(head)
  for await (const page of core.administration.exportAccounts({ source, format, hasHashes })) {
    if (!sink.isWanted()) return tally
    await sink.write(`${tally.accounts === 0 ? '' : between}${page.map(write).join(between)}`)
    tally.accounts += page.length
    tally.withoutPassword += page.filter(
      ({ passwordHash, legacyFormat }) => passwordHash === null || legacyFormat === UNREADABLE_FORMAT,
    ).length
    show(tally.accounts)
  }
  await sink.write(tail)
  return tally
}
