import { chownSync, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beginDraft, sweepDrafts } from '../../drafts.ts'
import { codeOf, syncFile, takeName } from '../../put-in-place.ts'
import { type CopyProgress, copySqlite, countRows } from './copy.ts'
import { type Ended, endSessionsOf } from './end-sessions.ts'
import { primaryCode } from './errors.ts'
import { findLastId, skipIds } from './ids.ts'
import { findLocation } from './location.ts'
import { holdPlace, type Place } from './restore-place.ts'

/** A copy of a backup that is to become the database. */
export type Draft = Ended & {
  readonly path: string
  /** Whether it is known which ids accounts have had since: not where the present database is too damaged to tell. */
  readonly isLastIdKnown: boolean
}

/** A database that nobody else can use until another is put in its place, or it is let go. */
export type Replaceable = {
  /** How many accounts it has; 0 where there is no database, `null` where it is too damaged to count them. */
  readonly accounts: number | null
  /** Unfinished files beside it, of restores and backups that were interrupted, which were removed now. */
  readonly swept: readonly string[]
  /** Where the files of a lost database are now that had lain there without it. */
  readonly aside: readonly string[]
  /**
   * Copies a backup into a draft beside the database, in which every session is ended and the next account will get an
   * id that none ever had.
   */
  draft(backup: string, onProgress: CopyProgress): Promise<Draft>
  /**
   * Gives the draft the database's name, in one step that nothing can halve.
   *
   * @returns the path under which the database that was there is kept, or `null` where there was none.
   */
  replace(draft: string): string | null
  /** Lets go, and removes a draft that was not put in place. It never fails: what it cannot do, the next one does. */
  release(): void
}

const SQLITE_FULL = 13

/**
 * Holds the database that is to be replaced.
 *
 * @param name of the database, or of a link to it; it need not be there.
 * @throws {Error} one sentence for the operator, as its methods do; the database is whole and in place then, the old
 *   one unless it says otherwise.
 */
export function holdSqlite(name: string): Replaceable {
  const path = findLocation(name)
  const place = explained(path, () => holdPlace(path))
  try {
    return explained(path, () => prepare(path, place))
  } catch (error) {
    letGoQuietly(() => place.letGo())
    throw error
  }
}

function prepare(path: string, place: Place): Replaceable {
  const swept = sweepDrafts(dirname(path))
  const file = beginDraft(path)
  let isReplaced = false
  return {
    accounts: countAccounts(place.database),
    swept,
    aside: place.aside,
    async draft(backup, onProgress) {
      const source = new DatabaseSync(backup)
      try {
        source.exec('pragma query_only=ON; pragma trusted_schema=OFF')
        await copySqlite(source, file.path, onProgress)
        const lastId = findLastId(place.database)
        skipIds(file.path, lastId)
        return { path: file.path, isLastIdKnown: lastId !== null, ...endSessionsOf(file.path) }
      } catch (error) {
        throw explain(error, path)
      } finally {
        source.close()
      }
    },
    replace(finished) {
      return explained(path, () => {
        if (existsSync(`${finished}-wal`)) throw new Error('The draft is not finished: its log is still beside it.')
        handOver(finished, place.example)
        syncFile(finished)
        const kept = place.keep()
        try {
          takeName(finished, path)
        } finally {
          isReplaced = !existsSync(finished)
        }
        return kept
      })
    },
    release() {
      file.discard()
      letGoQuietly(() => (isReplaced ? place.database.close() : place.letGo()))
    },
  }
}

/** What failed before tells more than that letting go failed too. */
function letGoQuietly(step: () => void): void {
  try {
    step()
  } catch {
    // A lock ends with the process, and a server sets up its log by itself.
  }
}

function countAccounts(database: DatabaseSync): number | null {
  try {
    return countRows(database, 'accounts')
  } catch {
    return null
  }
}

/** Restored by root, the database still belongs to the user that the server runs as. */
function handOver(draft: string, example: string): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = statSync(example)
  chownSync(draft, uid, gid)
}

function explained<Result>(path: string, step: () => Result): Result {
  try {
    return step()
  } catch (error) {
    throw explain(error, path)
  }
}

function explain(cause: unknown, path: string): unknown {
  const directory = dirname(path)
  switch (codeOf(cause)) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new Error(`This user may not write in ${directory}: restore as the user that the server runs as.`, {
        cause,
      })
  }
  if (codeOf(cause) === 'ENOSPC' || primaryCode(cause) === SQLITE_FULL) {
    return new Error(`There is no room in ${directory} for a second database: make some, and restore again.`, { cause })
  }
  if (primaryCode(cause) === null && codeOf(cause) === '') return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new Error(`The backup was not restored: a file could not be used (${reason}). Nothing was changed.`, { cause })
}
