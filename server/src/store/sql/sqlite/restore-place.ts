import { closeSync, existsSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { COMPANIONS } from '../../drafts.ts'
import { codeOf, tryLink } from '../../put-in-place.ts'
import { holdDatabase, letGo } from './hold.ts'
import { hasOrphanedLog, scalar } from './open.ts'

/** The name of a database, which nobody else can use until it is let go. */
export type Place = {
  /** What is there now; nothing is in it where there was no database. */
  readonly database: DatabaseSync
  /** Whether there is nothing in it that is worth keeping. */
  readonly isEmpty: boolean
  /** Whose owner the new database gets: a path. */
  readonly example: string
  /** Where the files of a lost database are now that had lain there without it. */
  readonly aside: readonly string[]
  /**
   * Gives the database that is there a second name.
   *
   * @returns the second name; `null` where there is nothing to keep.
   */
  keep(): string | null
  /** Lets go of a place where nothing was replaced: it is as it was found. */
  letGo(): void
}

/**
 * Holds the place of a database. Where there is none, an empty file takes the name: a server that starts meanwhile waits
 * for it, and fails, rather than making a database that would be replaced under its hands.
 *
 * @throws {Error} one sentence for the operator, or the system's.
 */
export function holdPlace(path: string): Place {
  if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const keptName = nameKept(path)
  // Looked for first: if the file can be made then, they were nobody's who is making a database just now.
  const companions = COMPANIONS.filter((suffix) => existsSync(path + suffix))
  const isMade = tryMake(path)
  const orphans = isMade || hasOrphanedLog(path) ? companions : []
  // SQLite would throw them away, or play them into the database that comes.
  for (const suffix of orphans) renameSync(path + suffix, keptName + suffix)
  const aside = orphans.map((suffix) => keptName + suffix)
  const database = hold(path, aside)
  const isEmpty = hasNothing(database)
  return {
    database,
    isEmpty,
    example: isMade ? dirname(path) : path,
    aside,
    keep() {
      if (isEmpty) return null
      removeSecondNames(path)
      if (tryLink(path, keptName)) return keptName
      throw new Error(
        `The present database cannot be kept, as ${dirname(path)} knows no hard links: move ${path} away yourself, and restore again.`,
      )
    },
    letGo() {
      if (!isEmpty) return letGo(database)
      // While it is held: whoever waits for it fails then, and whoever comes later finds all as it was.
      try {
        for (const suffix of orphans) renameSync(keptName + suffix, path + suffix)
        removeBesideLog(path, () => {
          for (const suffix of orphans) renameSync(path + suffix, keptName + suffix)
        })
      } finally {
        database.close()
      }
    },
  }
}

/** Where the file cannot be removed, as on Windows while it is open, a log must not stay beside it. */
function removeBesideLog(path: string, takeLogAway: () => void): void {
  try {
    rmSync(path)
  } catch (error) {
    takeLogAway()
    throw error
  }
}

function tryMake(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600))
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

function hold(path: string, aside: readonly string[]): DatabaseSync {
  try {
    return holdDatabase(path)
  } catch (cause) {
    const [log] = aside
    if (log === undefined || !(cause instanceof Error)) throw cause
    // Whose it was is lost, and to put it back would hand it to whoever uses the database now.
    throw new Error(`${cause.message} But for ${basename(path)}-wal, which lay there alone: it is ${log} now.`, {
      cause,
    })
  }
}

function hasNothing(database: DatabaseSync): boolean {
  try {
    return scalar(database, 'select count(*) from sqlite_schema') === '0'
  } catch {
    return false
  }
}

/** Nothing that a shell or Windows minds. */
function nameKept(path: string): string {
  return `${path}.replaced-${new Date().toISOString().replaceAll(/[-:.]/g, '')}`
}

/** A restore that was killed between its last two steps gave the database that is still in use a second name. */
function removeSecondNames(path: string): void {
  const { ino, dev } = statSync(path)
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.replaced-`)) continue
    const second = join(dirname(path), name)
    const facts = statSync(second, { throwIfNoEntry: false })
    if (facts?.ino === ino && facts.dev === dev) rmSync(second)
  }
}
