import { isPostgresUrl } from '../store/database-url.ts'
import { layOutCsv } from './csv-rows.ts'
import { openDjangoDatabase } from './django-database.ts'
import { layOutDjangoDump } from './django-dump.ts'
import { readExtended } from './extended-json.ts'
import { createFileSource, type Layout } from './file-source.ts'
import { guessFormat, type Shape } from './guess-format.ts'
import { layOutJsonRows } from './json-rows.ts'
import { openPostgresDatabase } from './postgres-database.ts'
import { type FileBytes, openBytes } from './read-bytes.ts'
import { fromAuth0, fromFirebase, fromKeycloak } from './services.ts'
import { type Format, type Source, SourceError } from './source.ts'
import { openSqliteDatabase } from './sqlite-database.ts'

/** What is to be read, and how. */
export type SourceRequest = {
  /** A file, or the URL of a database: `postgres://…` or `sqlite:PATH`. */
  readonly from: { readonly file: string } | { readonly url: string; readonly password: string | null }
  /** How a file is written, where it is not to be guessed. */
  readonly format?: Format | undefined
  /** The table or Django model (`app.model`) of accounts, where it is not Django's own. */
  readonly table?: string | undefined
  /** Which column holds a field, by the field's name. */
  readonly map?: Readonly<Record<string, string>> | undefined
}

const HAS_PASSWORD = /^postgres(?:ql)?:\/\/[^@/?#:]*:[^@/?#]+@/i
const SHOWN_PASSWORD =
  'The URL has a password in it, which every process list shows: take it out, and give it in PGPASSWORD or --password-file.'

/**
 * Opens what accounts are to be read from, and finds out how it is written.
 *
 * @throws {SourceError} one sentence for the operator.
 */
export async function openSource(request: SourceRequest): Promise<Source> {
  if ('file' in request.from) {
    const bytes = openBytes(request.from.file)
    return createFileSource(bytes, await layOut(bytes, request))
  }
  const { url, password } = request.from
  const path = /^sqlite:(?:\/\/(?=\/))?(?<path>.+)$/i.exec(url)?.groups?.path
  if (path === undefined && !isPostgresUrl(url)) {
    throw new SourceError('--from takes sqlite:PATH or postgres://USER@HOST/DATABASE; a file is named without --from.')
  }
  const database = path === undefined ? await openPostgresDatabase(url, password) : openSqliteDatabase(path)
  try {
    const source = await openDjangoDatabase(database, request)
    return HAS_PASSWORD.test(url) ? { ...source, notes: [SHOWN_PASSWORD, ...source.notes] } : source
  } catch (error) {
    await database.close()
    throw error
  }
}

async function layOut(bytes: FileBytes, { format: wanted, table, map }: SourceRequest): Promise<Layout> {
  const guessed = await guessFormat(bytes)
  const format = wanted ?? guessed.format
  if (table !== undefined && format !== 'django') {
    throw new SourceError(`A file of the format ${format} has no tables: leave --table out.`)
  }
  if (format === 'csv') return layOutCsv(bytes, { map })
  if (guessed.shape === null) throw new SourceError(`The file is not JSON, as the format ${format} is.`)
  if (format === 'django') {
    if (typeof guessed.shape === 'object') throw new SourceError('The file is no dump of Django: it is one object.')
    return layOutDjangoDump(bytes, { model: table, map, isLines: guessed.shape === 'lines' })
  }
  const written = describeShape(guessed.shape)
  const shared = { format, map, shape: guessed.shape }
  switch (format) {
    case 'jsonl':
      return layOutJsonRows(bytes, { ...shared, description: written })
    case 'mongo':
      return layOutJsonRows(bytes, { ...shared, description: `a MongoDB export, ${written}`, readValue: readExtended })
    case 'auth0': {
      const description = `an Auth0 export, ${written}`
      return layOutJsonRows(bytes, { ...shared, description, convert: fromAuth0, readValue: readExtended })
    }
    case 'firebase':
      return layOutJsonRows(bytes, { ...shared, description: `a Firebase export, ${written}`, convert: fromFirebase })
    case 'keycloak':
      return layOutJsonRows(bytes, { ...shared, description: `a Keycloak export, ${written}`, convert: fromKeycloak })
  }
}

function describeShape(shape: Shape): string {
  if (shape === 'lines') return 'JSON lines'
  return shape === 'array' ? 'an array of JSON' : `JSON, its ${shape.member}`
}
