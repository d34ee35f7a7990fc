import { lstatSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beginDraft, COMPANIONS, sweepDrafts } from '../../drafts.ts'
import { claimName, codeOf, syncFile, takeName } from '../../put-in-place.ts'
import { BACKUP_NOTE, type CopyProgress, type Counts, copySqlite, isLatchkey } from './copy.ts'
import { isDamage, primaryCode } from './errors.ts'
import { findLocation } from './location.ts'
import { refuseOrphanedLog, scalar } from './open.ts'

/** What a backup holds. */
export type Backup = Counts & {
  /** Its absolute path. */
  readonly file: string
  readonly bytes: number
  /** Unfinished files of backups that were interrupted, which were removed now. */
  readonly swept: readonly string[]
}

/** How a backup is made. */
export type BackupOptions = {
  /** Whether a file that has the name already is replaced. */
  readonly mayReplace: boolean
  /** Milliseconds since 1970. */
  readonly now: number
  readonly onProgress: CopyProgress
  /** Called when everything is copied and the copy is about to be checked. */
  onCheck(): void
}

const SQLITE_FULL = 13
const BUSY_TIMEOUT = 5000

/**
 * Copies an SQLite database that may be in use into one file, checks it, and only then gives it its name. The copy has
 * everything that was acknowledged before it began.
 *
 * @throws {Error} one sentence for the operator; nothing of this attempt is left behind then.
 */
export async function backUpSqlite(database: string, file: string, options: BackupOptions): Promise<Backup> {
  const target = resolve(file)
  try {
    return await makeBackup(database, checkTarget(database, target, options), options)
  } catch (error) {
    throw explain(error, target)
  }
}

async function makeBackup(database: string, target: string, options: BackupOptions): Promise<Backup> {
  const swept = sweepDrafts(dirname(target))
  const draft = beginDraft(target)
  try {
    const counts = await copy(database, draft.path, options)
    options.onCheck()
    finishCopy(draft.path, options.now)
    syncFile(draft.path)
    const { size: bytes } = statSync(draft.path)
    if (options.mayReplace) takeName(draft.path, target)
    else claimName(draft.path, target)
    return { file: target, ...counts, bytes, swept }
  } finally {
    draft.discard()
  }
}

/** The path with its directory's real name, so that the database is recognised by whatever way one comes to it. */
function checkTarget(database: string, file: string, { mayReplace }: Pick<BackupOptions, 'mayReplace'>): string {
  const directory = dirname(file)
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new Error(`There is no directory ${directory}: make it, or name another place.`)
  }
  const target = join(realpathSync(directory), basename(file))
  // The secret is beside the name that was configured, which may be a link to the database; the log beside the database.
  const homes = [join(realpathSync(dirname(database)), basename(database)), findLocation(database)]
  const own = homes.flatMap((home) => ['', '.secret', ...COMPANIONS].map((suffix) => home + suffix))
  if (own.includes(target)) {
    throw new Error(`${file} belongs to the database itself: name another file for the backup.`)
  }
  const there = lstatSync(target, { throwIfNoEntry: false })
  if (there === undefined) return target
  const { ino, dev } = statSync(database)
  if (!there.isFile() || (there.ino === ino && there.dev === dev)) {
    throw new Error(`${file} is there already and no ordinary file of its own: name another one for the backup.`)
  }
  if (!mayReplace) throw new Error(`${file} is there already: name another file, or add --force to replace it.`)
  return target
}

async function copy(named: string, draft: string, { onProgress }: BackupOptions): Promise<Counts> {
  const database = findLocation(named)
  refuseOrphanedLog(database)
  const source = new DatabaseSync(database, { timeout: BUSY_TIMEOUT })
  try {
    source.exec('pragma query_only=ON; pragma trusted_schema=OFF')
    if (!isLatchkey(source)) {
      throw new Error(
        `${database} is no database of Latchkey’s: check DATABASE_URL, or run npm run latchkey -- migrate`,
      )
    }
    return await copySqlite(source, draft, onProgress)
  } finally {
    source.close()
  }
}

/** Makes the copy a single file, notes in it when it was made, and looks whether it is whole. */
function finishCopy(draft: string, now: number): void {
  const copied = new DatabaseSync(draft)
  try {
    copied.exec('pragma trusted_schema=OFF; pragma journal_mode=DELETE')
    copied
      .prepare('insert into notes (name, value) values (?, ?) on conflict (name) do update set value = excluded.value')
      .run(BACKUP_NOTE, new Date(now).toISOString())
    const complaint = scalar(copied, 'pragma quick_check(1)').replaceAll('\n', ' ')
    if (complaint !== 'ok') {
      throw new Error(`The copy is damaged, and so is the database (${complaint}): run npm run latchkey -- doctor`)
    }
  } finally {
    copied.close()
  }
}

function explain(error: unknown, target: string): unknown {
  const directory = dirname(target)
  switch (codeOf(error)) {
    case 'EEXIST':
      return new Error(`${target} was made by somebody else meanwhile: name another file.`, { cause: error })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new Error(`This user may not write in ${directory}: name another place for the backup.`, { cause: error })
  }
  if (primaryCode(error) === SQLITE_FULL || codeOf(error) === 'ENOSPC') {
    return new Error(`There is no room for the backup in ${directory}: make some, or name another place.`, {
      cause: error,
    })
  }
  if (primaryCode(error) === null && codeOf(error) === '') return error
  const reason = error instanceof Error ? error.message : String(error)
  if (isDamage(error)) {
    const advice = 'run npm run latchkey -- doctor, and restore an older backup'
    return new Error(`The database is damaged (${reason}), and nothing was backed up: ${advice}.`, { cause: error })
  }
  return new Error(`The backup was not made: the database or ${directory} could not be used (${reason}).`, {
    cause: error,
  })
}
