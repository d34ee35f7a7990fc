import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { readHar } from './read-har.ts'
import { readLines } from './read-lines.ts'
import { readJsonRecord, readLogRecord } from './read-record.ts'
import type { Recorded, RecordingFormat, Unreadable } from './recorded.ts'

/** How much of a file is looked at to see what it is. */
const BEGINNING = 4096

/** A piece of a recording, and how far the reading is. */
export type Piece = {
  readonly read: Recorded | Unreadable
  readonly done: number
  readonly total: number
}

/** Which kind of recording a file is, by its name and how it begins. */
export function guessFormat(file: string): RecordingFormat {
  const beginning = readBeginning(file)
  if (/\.har$/i.test(file) || /^\s*\{\s*"log"\s*:/.test(beginning)) return 'har'
  return /^\s*\{/.test(beginning) ? 'jsonl' : 'log'
}

/**
 * Reads a recording in its own order: a HAR as a whole, anything else line by line.
 *
 * @throws {RangeError} with a sentence, when a HAR is none or too large.
 */
export async function* readRecording(file: string, format: RecordingFormat): AsyncGenerator<Piece> {
  if (format === 'har') {
    const entries = readHar(file)
    for (const [index, read] of entries.entries()) yield { read, done: index, total: entries.length }
    return
  }
  const total = statSync(file).size
  for await (const { number, text, bytesRead } of readLines(file)) {
    if (text === null) yield { read: { line: number, problem: 'is longer than 1 MB' }, done: bytesRead, total }
    else if (text.trim() !== '') {
      const read = format === 'jsonl' ? readJsonRecord(text, number) : readLogRecord(text, number)
      yield { read, done: bytesRead, total }
    }
  }
}

/** The scheme and host of everything in a recording that names one, without what cannot be read. */
export async function listOrigins(file: string, format: RecordingFormat): Promise<ReadonlySet<string>> {
  const origins = new Set<string>()
  for await (const { read } of readRecording(file, format)) {
    if ('method' in read && read.origin !== null && origins.size < 1000) origins.add(read.origin)
  }
  return origins
}

function readBeginning(file: string): string {
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(BEGINNING)
    return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, BEGINNING, 0)).replace(/^\ufeff/, '')
  } finally {
    closeSync(descriptor)
  }
}
