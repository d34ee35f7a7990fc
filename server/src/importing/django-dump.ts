import type { Layout } from './file-source.ts'
import { createKeySet } from './key-set.ts'
import { mapFields } from './map-fields.ts'
import { OTHER_IDS, withoutOwner } from './other-ids.ts'
import type { FileBytes } from './read-bytes.ts'
import { isObject, type JsonObject, own, readObject } from './read-object.ts'
import { sampleColumns } from './sample.ts'
import { type BadRow, type RawRow, SourceError } from './source.ts'
import { splitArray } from './split-array.ts'
import { splitLines } from './split-lines.ts'

const ACCOUNTS = 'auth.user'
const BLACKLIST = 'token_blacklist.blacklistedtoken'

const DRF_TOKENS = 'authtoken.token'
const KNOX_TOKENS = 'knox.authtoken'
const TOKENS: ReadonlySet<string> = new Set([DRF_TOKENS, KNOX_TOKENS, 'token_blacklist.outstandingtoken'])

/** More models than any project has. */
const MOST_MODELS = 1000

type DumpRequest = {
  readonly model: string | undefined
  readonly map: Readonly<Record<string, string>> | undefined
  /** Whether an object stands on each line (`--format jsonl`), or all in one array. */
  readonly isLines: boolean
}

/** An object of a dump. */
type Dumped = {
  readonly line: number | string
  readonly model: string
  readonly pk: unknown
  readonly fields: JsonObject
}

/**
 * Finds out what a dump of Django's `dumpdata` holds.
 *
 * @throws {SourceError} when there are no accounts in it.
 */
export async function layOutDjangoDump(
  bytes: FileBytes,
  { model = ACCOUNTS, map, isLines }: DumpRequest,
): Promise<Layout> {
  const wanted = model.toLowerCase()
  const seen = new Map<string, boolean>()
  const columns = await sampleColumns(accountsOf(bytes.read()))
  if (columns.length === 0) throw new SourceError(wordNoAccounts(model, seen))
  const fieldMap = mapFields({ columns, map, isOpen: false })
  const isByKey = fieldMap.idColumn === 'id'
  return {
    format: 'django',
    description: `a Django dump (${isLines ? 'JSON lines' : 'JSON'}), accounts from ${model}`,
    notes: isByKey ? fieldMap.notes : [...fieldMap.notes, OTHER_IDS],
    passes: 2,
    rows,
  }

  async function* accountsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<JsonObject> {
    for await (const dumped of read(chunks)) {
      if ('problem' in dumped) continue
      if (seen.size < MOST_MODELS) seen.set(dumped.model, Object.hasOwn(dumped.fields, 'password'))
      if (dumped.model === wanted) yield toRow(dumped)
    }
  }

  /** Accounts first, in whatever order the dump has them and their tokens. */
  async function* rows(beginPass: () => AsyncIterable<Uint8Array>): AsyncGenerator<RawRow> {
    const blacklist = createKeySet()
    let hasTokens = false
    for await (const dumped of read(beginPass())) {
      if ('problem' in dumped) yield dumped
      else if (dumped.model === wanted)
        yield { line: dumped.line, kind: 'account', fields: fieldMap.apply(toRow(dumped)) }
      else if (dumped.model === BLACKLIST) blacklist.add(own(dumped.fields, 'token'))
      else hasTokens ||= TOKENS.has(dumped.model)
    }
    if (!hasTokens) return
    for await (const dumped of read(beginPass())) {
      if ('problem' in dumped || !TOKENS.has(dumped.model)) continue
      const token = toToken(dumped, blacklist.has(dumped.pk))
      yield isByKey || 'problem' in token ? token : withoutOwner(token)
    }
  }

  async function* read(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Dumped | BadRow> {
    for await (const piece of isLines ? splitLines(chunks) : splitArray(chunks)) {
      const read = readObject(piece)
      const line = isLines ? piece.line : `object ${piece.line}`
      if ('problem' in read) {
        yield { line, problem: read.problem }
        continue
      }
      const name = own(read.object, 'model')
      const fields = own(read.object, 'fields')
      if (typeof name !== 'string' || !isObject(fields)) {
        yield { line, problem: 'is no object of a Django dump: it has no model or no fields' }
      } else yield { line, model: name.toLowerCase(), pk: own(read.object, 'pk') ?? null, fields }
    }
  }
}

/** The key stands beside the fields, unless the dump was told to leave it out. Tokens name their accounts by it. */
function toRow({ pk, fields }: Dumped): JsonObject {
  return pk === null ? fields : { ...fields, id: pk }
}

function toToken({ line, model, pk, fields }: Dumped, isBlacklisted: boolean): RawRow {
  const user = own(fields, 'user') ?? null
  if (Array.isArray(user)) {
    return { line, problem: 'names its user by a natural key: dump it again without --natural-foreign' }
  }
  const take = (...names: string[]) => Object.fromEntries(names.map((name) => [name, own(fields, name) ?? null]))
  if (model === DRF_TOKENS) return { line, kind: 'authtoken', fields: { key: pk, user, ...take('created') } }
  if (model === KNOX_TOKENS) {
    const others = take('token_key', 'salt', 'created', 'expiry')
    return { line, kind: 'knox', fields: { digest: pk, user, ...others } }
  }
  const others = take('jti', 'token', 'created_at', 'expires_at')
  return { line, kind: isBlacklisted ? 'blacklisted' : 'outstanding', fields: { id: pk, user, ...others } }
}

function wordNoAccounts(model: string, seen: ReadonlyMap<string, boolean>): string {
  if (seen.size === 0)
    return 'There is nothing of Django in the file: make it with python manage.py dumpdata auth.user.'
  const others = [...seen].filter(([, hasPassword]) => hasPassword).map(([name]) => name)
  const holds = `There is no ${model} in the file; it holds ${[...seen.keys()].slice(0, 20).join(', ')}.`
  const [likeliest] = others
  if (likeliest === undefined) return `${holds} Dump the accounts too, or name their model: --table APP.MODEL.`
  return `${holds} ${likeliest} has passwords: --table ${likeliest}.`
}
