import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Config } from './config.ts'
import type { Reading } from './setting.ts'

const MEMORY = 'sqlite::memory:'

/** Reads where the database is; a relative path is made absolute, so that it stays the same file wherever one stands. */
export function readDatabaseUrl(text: string, directory: string): Reading<string> {
  if (/^postgres(ql)?:/i.test(text)) {
    return { problems: ['names PostgreSQL, which is not supported in this version: use sqlite:PATH.'] }
  }
  const path = /^sqlite:(?<path>.+)$/i.exec(text)?.groups?.path
  if (path === undefined) return { problems: ['must be sqlite:PATH, such as sqlite:./data/latchkey.db.'] }
  if (path.toLowerCase() === ':memory:') return { value: MEMORY }
  if (path.startsWith('//')) {
    return {
      problems: ['may not have slashes for a host: write sqlite:./relative/path.db or sqlite:/absolute/path.db.'],
    }
  }
  if (path.startsWith('~')) return { problems: ['begins with ~, which only a shell knows: write the whole path.'] }
  if (path.includes('?')) return { problems: ['takes no options: write sqlite:PATH only.'] }
  const file = resolve(directory, path)
  if (path.endsWith('/') || statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
    return { problems: ['names a directory: add the name of the database file, such as latchkey.db.'] }
  }
  return { value: `sqlite:${file}` }
}

/** The database's file, or `null` when it lives in memory. */
export function findDatabaseFile({ databaseUrl }: Pick<Config, 'databaseUrl'>): string | null {
  return databaseUrl === MEMORY ? null : databaseUrl.slice('sqlite:'.length)
}
