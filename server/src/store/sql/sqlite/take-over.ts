import { rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { openWithoutLog, type SqliteFile } from './file.ts'
import { openIfGood, scalar } from './open.ts'

/**
 * What two files must have in common for one to be gone on with in place of the other: the schema, and the keys with
 * which this process signs.
 */
const MARK = `select group_concat(mark) from (
  select name as mark from kysely_migration union all select kid from signing_keys order by mark)`

/**
 * Opens the file that has taken the name of an open database, if it is a sound copy of it.
 *
 * @param path which another file has now.
 * @param present the database that had it, and its files. It stays open.
 * @returns `null` when the file is not good, or somebody is at it; it may be asked again.
 */
export function takeOver(path: string, present: { database: DatabaseSync; file: SqliteFile }): DatabaseSync | null {
  try {
    const mark = scalar(present.database, MARK)
    if (present.file.listOwnCompanions().length > 0) {
      // The log beside it is not its own: opened with it, the file would be damaged.
      const alone = openWithoutLog(path)
      try {
        requireSoundCopy(alone, mark)
      } finally {
        alone.close()
      }
      leaveCompanions(present)
    }
    return openIfGood(path, (database) => requireSoundCopy(database, mark))
  } catch {
    // Whoever asked is refused with a sentence about the file; what else there was to say of it helps nobody.
    return null
  }
}

function requireSoundCopy(database: DatabaseSync, mark: string): void {
  if (scalar(database, MARK) !== mark) throw new Error('It is another database.')
  const complaint = scalar(database, 'pragma quick_check(1)')
  if (complaint !== 'ok') throw new Error(complaint)
}

/**
 * Brings all that the log holds into the database it belongs to, wherever that is now, and takes the log away from the
 * file that is there instead. Of processes that do so at once, the lock of the old database lets in one after the other.
 */
function leaveCompanions({ database, file }: { database: DatabaseSync; file: SqliteFile }): void {
  if (scalar(database, 'pragma wal_checkpoint(truncate)') !== '0') throw new Error('Somebody else is at it.')
  database.exec('begin immediate')
  try {
    if (file.hasUnsavedLog()) throw new Error('Somebody wrote meanwhile.')
    for (const companion of file.listOwnCompanions()) rmSync(companion)
  } finally {
    database.exec('rollback')
  }
}
