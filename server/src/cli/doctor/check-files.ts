import { type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Config } from '../../config/config.ts'
import { findMadeSecretFile, readMadeSecret } from '../../config/ensure-secret.ts'
import { quoteForShell } from '../../config/quote-for-shell.ts'
import { findDatabaseFile } from '../../config/read-database-url.ts'
import { isOpenToOthers } from '../../config/read-secret-file.ts'
import type { Finding } from './finding.ts'

/** Looks at who may read and write the data directory, the database and the secret. */
export function checkFiles(config: Config): readonly Finding[] {
  const database = findDatabaseFile(config)
  if (database === null) return [checkSecret(config, false)]
  const directory = look(dirname(database))
  const files = [database, `${database}-wal`, `${database}-shm`].filter((path) => look(path) !== null)
  const findings: Finding[] = []
  if (directory !== null) findings.push(checkDirectory(dirname(database), directory))
  if (files.length > 0) findings.push(checkDatabaseFiles(files))
  return [...findings, checkSecret(config, files.length > 0)]
}

function checkDirectory(path: string, { mode }: Stats): Finding {
  const about = 'data directory'
  const advice = `Run: chmod 700 ${quoteForShell(path)}`
  if (process.platform === 'win32' || (mode & 0o077) === 0) return { about, level: 'ok', says: `${path} is private` }
  if ((mode & 0o022) === 0) return { about, level: 'warn', says: `others can look into ${path}. ${advice}` }
  return { about, level: 'FAIL', says: `others can put files into ${path} and take them out. ${advice}` }
}

function checkDatabaseFiles(files: readonly string[]): Finding {
  const about = 'database file'
  const open = files.filter((path) => {
    const facts = look(path)
    return facts !== null && isOpenToOthers(facts)
  })
  if (open.length === 0) return { about, level: 'ok', says: `${files[0] ?? ''} is private` }
  const advice = `Run: chmod 600 ${open.map(quoteForShell).join(' ')}`
  return { about, level: 'FAIL', says: `others can read or write it. ${advice}` }
}

function checkSecret(config: Config, hasDatabase: boolean): Finding {
  const about = 'secret'
  if (config.secret !== null) return { about, level: 'ok', says: 'given by the settings' }
  const path = findMadeSecretFile(config)
  if (path === null) return { about, level: 'ok', says: 'made anew at each start, as the database is in memory' }
  if (look(path) === null) {
    if (!hasDatabase) return { about, level: 'ok', says: `will be made at first start, in ${path}` }
    const says = `${path} is missing, without which the signing keys cannot be opened: restore it, or set LATCHKEY_SECRET`
    return { about, level: 'FAIL', says }
  }
  const reading = readMadeSecret(path)
  if ('value' in reading) return { about, level: 'ok', says: `kept in ${path}, which is private` }
  return { about, level: 'FAIL', says: reading.problems.join(' ') }
}

function look(path: string): Stats | null {
  return statSync(path, { throwIfNoEntry: false }) ?? null
}
