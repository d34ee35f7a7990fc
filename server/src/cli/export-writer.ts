import type { StoredAccount } from '../core/ports.ts'
import { type ExportField, toExportedAccount } from './exported-account.ts'
import { writeJsonLine } from './print.ts'
import { writeExactCsvLine } from './write-csv.ts'
import { type FixtureLosses, writeFixtureObject } from './write-fixture.ts'

/** How accounts are written. */
export const EXPORT_FORMATS = ['django', 'jsonl', 'csv'] as const

/** An export as the command line asks for it. */
export type ExportRequest = {
  readonly format: (typeof EXPORT_FORMATS)[number]
  /** What is told of each account in jsonl and csv. */
  readonly fields: readonly ExportField[]
  readonly hasHashes: boolean
  /** The back end before whose ids are wanted. */
  readonly source: string | null
  readonly ownIds: boolean
  /** The model and the columns of Django's fixture. */
  readonly model: string
  readonly map: Readonly<Record<string, string>>
}

/** What was exported. */
export type Tally = { accounts: number; withoutPassword: number; readonly losses: FixtureLosses }

/** How a file of accounts is put together. */
export type ExportWriter = {
  readonly head: string
  readonly between: string
  readonly tail: string
  write(stored: StoredAccount): string
}

/** Writes accounts in the format that was asked for, and counts in `losses` what it has no place for. */
export function createWriter(request: ExportRequest, losses: FixtureLosses): ExportWriter {
  const { format, fields, source, model, map } = request
  if (format === 'django') {
    const fixture = { model, map, hasLegacyIds: source !== null }
    return {
      head: '[\n',
      between: ',\n',
      tail: '\n]\n',
      write: (stored) => writeFixtureObject(stored, fixture, losses),
    }
  }
  const pick = (stored: StoredAccount) => {
    const account = toExportedAccount(stored)
    return fields.map((field) => account[field])
  }
  if (format === 'csv') {
    return {
      head: writeExactCsvLine(fields),
      between: '',
      tail: '',
      write: (stored) => writeExactCsvLine(pick(stored).map((value) => value ?? null)),
    }
  }
  const write = (stored: StoredAccount) => {
    const values = pick(stored)
    return writeJsonLine(Object.fromEntries(fields.map((field, index) => [field, values[index]])))
  }
  return { head: '', between: '', tail: '', write }
}
