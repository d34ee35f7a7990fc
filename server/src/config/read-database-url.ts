import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { isPostgresUrl, maskPassword, readPostgresUrl } from '../store/database-url.ts'
import type { Config } from './config.ts'
import { isLoopback } from './read-addresses.ts'
import type { Reading } from './setting.ts'

const MEMORY = 'sqlite::memory:'

/** Reads where the database is; a relative path is made absolute, so that it stays the same file wherever one stands. */
export function readDatabaseUrl(text: string, directory: string): Reading<string> {
  if (isPostgresUrl(text)) {
    const reading = readPostgresUrl(text)
    return 'problems' in reading ? reading : { value: text }
  }
  const path = /^sqlite:(?<path>.+)$/i.exec(text)?.groups?.path
  if (path === undefined) {
    return {
      problems: ['must be sqlite:PATH, such as sqlite:./data/latchkey.db, or postgres://USER@HOST/DATABASE.'],
    }
  }
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

/** The database's file, or `null` when it lives in memory or on a server. */
export function findDatabaseFile({ databaseUrl }: Pick<Config, 'databaseUrl'>): string | null {
  return databaseUrl === MEMORY || isPostgresUrl(databaseUrl) ? null : databaseUrl.slice('sqlite:'.length)
}

/** Whether everything is forgotten when the process ends. */
export function isInMemory({ databaseUrl }: Pick<Config, 'databaseUrl'>): boolean {
  return databaseUrl === MEMORY
}

/** Whether the database is a PostgreSQL server. */
export function isOnServer({ databaseUrl }: Pick<Config, 'databaseUrl'>): boolean {
  return isPostgresUrl(databaseUrl)
}

/** Where the database is, for people: without a password. */
export function describeDatabase({ databaseUrl }: Pick<Config, 'databaseUrl'>): string {
  return maskPassword(databaseUrl)
}

/** Whether somebody between here and the database could read what travels, or pass for the database. */
export function isOpenOnTheWay({ databaseUrl }: Pick<Config, 'databaseUrl'>): boolean {
  const reading = isPostgresUrl(databaseUrl) ? readPostgresUrl(databaseUrl) : null
  if (reading === null || 'problems' in reading || reading.value.tls?.check === 'everything') return false
  return reading.value.hosts.some(({ host }) => !host.startsWith('/') && !isLoopback(host))
}
