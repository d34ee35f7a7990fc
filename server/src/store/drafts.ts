import { closeSync, existsSync, openSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** What SQLite may leave beside a database. */
export const COMPANIONS = ['-wal', '-shm', '-journal'] as const

/** An unfinished file, that somebody is at work on. */
export type DraftFile = {
  readonly path: string
  /** Removes what is still there of it. It fails silently: what stays, the next sweep removes. */
  discard(): void
}

/** How long a sweep that looks at the lock just now may take, in milliseconds. */
const PATIENCE = 1000

/**
 * Gives a name to an unfinished file beside the one that it is to become, and shows by a lock that somebody is at work
 * on it, for as long as this process lives. The number of a process would not do: in containers all are number 1.
 *
 * @param path what the file is to become.
 * @throws {Error} the system's, when nothing can be made there.
 */
export function beginDraft(path: string): DraftFile {
  const draft = `${path}.${crypto.randomUUID().slice(-12)}.draft`
  closeSync(openSync(nameLock(draft), 'wx', 0o600))
  const lock = new DatabaseSync(nameLock(draft), { timeout: PATIENCE })
  const discard = () => quietly(() => removeDraft(draft, lock))
  try {
    lock.exec('begin exclusive')
    return { path: draft, discard }
  } catch (error) {
    discard()
    throw error
  }
}

/** Removes the drafts in a directory that nobody is at work on any more, and gives their names. */
export function sweepDrafts(directory: string): readonly string[] {
  return listDrafts(directory).filter((draft) => {
    const wasThere = existsSync(draft)
    return quietly(() => removeAbandoned(draft)) && wasThere
  })
}

/** Only what has a lock is taken for a draft: whatever else may be called so belongs to somebody else. */
function listDrafts(directory: string): readonly string[] {
  const drafts: string[] = []
  quietly(() => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const draft = /^(?<draft>.+\.[0-9a-f]{12}\.draft)-lock$/.exec(entry.name)?.groups?.draft
      if (draft !== undefined && entry.isFile()) drafts.push(join(directory, draft))
    }
  })
  return drafts
}

function removeAbandoned(draft: string): void {
  const lock = new DatabaseSync(nameLock(draft), { timeout: 0 })
  try {
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    throw error
  }
  removeDraft(draft, lock)
}

/** The lock last: a draft without one would never be swept. */
function removeDraft(draft: string, lock: DatabaseSync): void {
  try {
    for (const suffix of ['', ...COMPANIONS]) rmSync(`${draft}${suffix}`, { force: true })
  } finally {
    lock.close()
  }
  rmSync(nameLock(draft), { force: true })
}

function nameLock(draft: string): string {
  return `${draft}-lock`
}

/** Whether a step succeeded. */
function quietly(step: () => void): boolean {
  try {
    step()
    return true
  } catch {
    return false
  }
}
