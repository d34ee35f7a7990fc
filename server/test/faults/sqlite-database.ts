import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { normaliseIdentifier } from '../../src/core/identifier.ts'
import { openStore } from '../../src/store/open.ts'
import { makeDirectory } from '../kit/server-process.ts'
import type { Recovered } from './checker.ts'
import { LOAD_SETTINGS, type Target } from './load.ts'
import type { Database } from './scene.ts'

/** A database in a directory of its own, or in one that is given, with settings for a server under load. */
export function newDatabase(directory: string = makeDirectory()): Database & { path: string; directory: string } {
  const path = join(directory, 'latchkey.db')
  const env = { ...LOAD_SETTINGS, DATABASE_URL: `sqlite:${path}` }
  return { path, directory, env, setActive: setActiveIn(path), ...readDatabase(path) }
}

/** Disables and enables beside the server, on a connection that is open no longer than that. */
function setActiveIn(path: string): Target['setActive'] {
  return async (email, isActive) => {
    const { store } = await openStore(`sqlite:${path}`, { schema: 'require' })
    try {
      const account = await store.findAccount({ by: 'identifier', identifier: normaliseIdentifier(email) })
      if (account === null) throw new Error(`There is no account ${email}.`)
      await store.setActive(account.id, isActive, Date.now())
    } finally {
      await store.close()
    }
  }
}

/** The database past the server, for the checker. */
function readDatabase(path: string): Pick<Recovered, 'findRows' | 'checkIntegrity'> {
  const ask = (sql: string) => {
    const database = new DatabaseSync(path, { timeout: 5000 })
    try {
      return database.prepare(sql).all()
    } finally {
      database.close()
    }
  }
  return {
    findRows: async (sql) => ask(sql),
    checkIntegrity: async () =>
      ask('pragma integrity_check')
        .map((row) => String(row.integrity_check))
        .join('; '),
  }
}
