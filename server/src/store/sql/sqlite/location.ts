import { lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/**
 * Where a database's file really is, whatever symbolic links lead there: SQLite keeps its log beside the file itself.
 *
 * @param path of a file, which need not be there yet, or `:memory:`.
 */
export function findLocation(path: string): string {
  if (path === ':memory:') return path
  try {
    return realpathSync(path)
  } catch {
    return findMissing(resolve(path))
  }
}

/** The directory may be a link, and so may the name: to a file that is still to be made. */
function findMissing(path: string): string {
  try {
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
    if (isLink) return findLocation(resolve(dirname(path), readlinkSync(path)))
    return join(realpathSync(dirname(path)), basename(path))
  } catch {
    return path
  }
}
