import { chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { COMPANIONS, nameDraft, removeDraft, sweepDrafts } from '../drafts.ts'
import { claimName, codeOf, syncDirectory, syncFile, tryLink } from '../put-in-place.ts'
import { type CopyProgress, copySqlite, countRows } from './sqlite-copy.ts'
import { type Ended, endSessionsOf } from './sqlite-end-sessions.ts'
import { primaryCode } from './sqlite-errors.ts'
import { holdDatabase, letGo } from './sqlite-hold.ts'
import { readLastId, skipIds } from './sqlite-ids.ts'

/** A copy of a backup that is to become the database. */
export type Draft = Ended & { readonly path: string }

/** A database that nobody else can use until another is put in its place, or it is let go. */
export type Replaceable = {
  /** How many accounts it has; 0 where there is no database. */
  readonly accounts: number
  /** Unfinished files of restores that were interrupted, which were removed now. */
  readonly swept: readonly string[]
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
  /** Lets go, and removes a draft that was not put in place. */
  release(): void
}

const SQLITE_FULL = 13

/**
 * Holds the database that is to be replaced.
 *
 * @param path of the database; it need not be there.
 * @throws {Error} one sentence for the operator, as its methods do; the database is whole and in place then.
 */
export function holdSqlite(path: string): Replaceable {
  const draft = nameDraft(path)
  const held = explained(path, () => {
    if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    return existsSync(path) ? holdDatabase(path) : null
  })
  let isReplaced = false
  try {
    if (held !== null) removeSecondNames(path)
    return {
      accounts: held === null ? 0 : countRows(held, 'accounts'),
      swept: explained(path, () => sweepDrafts(path)),
      async draft(backup, onProgress) {
        const source = new DatabaseSync(backup)
        try {
          source.exec('pragma query_only=ON; pragma trusted_schema=OFF')
          await copySqlite(source, draft, onProgress)
          skipIds(draft, held === null ? 0 : readLastId(held))
          return { path: draft, ...endSessionsOf(draft) }
        } catch (error) {
          throw explain(error, path)
        } finally {
          source.close()
        }
      },
      replace(finished) {
        return explained(path, () => {
          if (existsSync(`${finished}-wal`)) throw new Error('The draft is not finished: its log is still beside it.')
          handOver(finished, existsSync(path) ? path : dirname(path))
          syncFile(finished)
          const kept = held === null ? claimFreeName(finished, path) : exchange(finished, path)
          isReplaced = true
          return kept
        })
      },
      release,
    }
  } catch (error) {
    release()
    throw error
  }

  function release(): void {
    removeDraft(draft)
    if (isReplaced) held?.close()
    else if (held !== null) letGo(held)
  }
}

/** Restored by root, the database still belongs to the user that the server runs as. */
function handOver(draft: string, example: string): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = statSync(example)
  chownSync(draft, uid, gid)
}

function claimFreeName(draft: string, path: string): null {
  const kept = nameKept(path)
  // SQLite would play the log of a database that is gone into the one that comes.
  for (const suffix of COMPANIONS) if (existsSync(path + suffix)) renameSync(path + suffix, kept + suffix)
  claimName(draft, path)
  return null
}

function exchange(draft: string, path: string): string {
  const kept = nameKept(path)
  if (!tryLink(path, kept)) {
    throw new Error(
      `The present database cannot be kept, as ${dirname(path)} knows no hard links: move ${path} away yourself, and restore again.`,
    )
  }
  renameSync(draft, path)
  syncDirectory(dirname(path))
  return kept
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
    case 'EEXIST':
      return new Error(`Somebody made ${path} meanwhile: stop the server, and restore again.`, { cause })
  }
  if (codeOf(cause) === 'ENOSPC' || primaryCode(cause) === SQLITE_FULL) {
    return new Error(`There is no room in ${directory} for a second database: make some, and restore again.`, { cause })
  }
  if (primaryCode(cause) === null && codeOf(cause) === '') return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new Error(`The backup was not restored: a file could not be used (${reason}). Nothing was changed.`, { cause })
}
