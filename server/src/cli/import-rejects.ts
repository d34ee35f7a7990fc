import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  ftruncateSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { ImportState } from '../core/import-state.ts'
import { makePrintable } from './print.ts'
import { CommandFailure } from './refusals.ts'

/** The file of rows that were left where they are. */
export type Rejects = {
  readonly file: string
  write(lines: string): void
  close(): void
}

/**
 * Opens the file of rejected rows, readable by its owner only; it is made when there is something to write. After an import
 * was broken off it goes on where the last batch that was kept has ended.
 *
 * @param options.mayReplace whether a file that is there is one of ours.
 * @throws {CommandFailure} when the file is not the one of this import.
 */
export function openRejects(
  file: string,
  { state, mayReplace }: { state: Pick<ImportState, 'rejects'> | null; mayReplace: boolean },
): Rejects {
  const { bytes, last } = state?.rejects ?? { bytes: 0, last: '' }
  const before = bytes - Buffer.byteLength(last)
  let handle: number | null = null
  if (bytes > 0) {
    if (sizeOf(file) < before) throw new CommandFailure(wordOther(file))
    handle = before === 0 ? createFile(file, true) : openSync(file, 'r+')
    fchmodSync(handle, 0o600)
    ftruncateSync(handle, before)
    writeAll(handle, last, before)
  } else {
    if (!mayReplace && existsSync(file)) throw new CommandFailure(wordTaken(file))
    checkPlace(file)
  }
  let position = bytes
  return {
    file,
    write(lines) {
      if (lines === '') return
      handle ??= createFile(file, mayReplace)
      position += writeAll(handle, lines, position)
    },
    close() {
      if (handle !== null) closeSync(handle)
      handle = null
    },
  }
}

/** A new file in place of one that is there: through a link, or with the mode of another, names would go to others. */
function createFile(file: string, mayReplace: boolean): number {
  if (mayReplace) rmSync(file, { force: true })
  return openSync(file, 'wx', 0o600)
}

function checkPlace(file: string): void {
  try {
    accessSync(dirname(file), constants.W_OK)
  } catch (cause) {
    const advice = 'is its directory there, and may this user write into it? Nothing was imported.'
    throw new CommandFailure(`${makePrintable(file)} cannot be made: ${advice}`, { cause })
  }
}

/** A disk may take less at a time than it was given. */
function writeAll(handle: number, text: string, position: number): number {
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.length; ) {
    from += writeSync(handle, bytes, from, bytes.length - from, position + from)
  }
  return bytes.length
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

function wordTaken(file: string): string {
  return `${makePrintable(file)} is there already: name another file with --rejects, or remove it. Nothing was imported.`
}

function wordOther(file: string): string {
  return (
    `${makePrintable(file)} does not have the rows that this import has rejected before it was broken off: put that file back ` +
    'or name it with --rejects, or begin again with --restart: accounts that are here already are recognised.'
  )
}
