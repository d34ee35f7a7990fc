import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { claimName, syncFile } from '../store/put-in-place.ts'
import type { Output } from './command.ts'
import { listenForStop } from './listen-for-stop.ts'
import { makePrintable } from './print.ts'
import { CommandFailure, UsageError } from './refusals.ts'

/** Who takes what is exported. */
export type Sink = {
  write(text: string): Promise<void> | void
  /** Whether there is still somebody who does. */
  isWanted(): boolean
}

/**
 * Makes a file that its owner alone may read, and gives it its name when it is whole.
 *
 * @throws {CommandFailure} when somebody stops it, or the name was taken meanwhile: then there is no file.
 */
export async function fillFile<Result>(file: string, fill: (sink: Sink) => Promise<Result>): Promise<Result> {
  const draft = `${file}.${randomBytes(6).toString('hex')}.draft`
  const handle = openSync(draft, 'wx', 0o600)
  const stop = listenForStop()
  let isStopped = false
  void stop.requested.then(() => {
    isStopped = true
  })
  try {
    const write = (text: string) => writeAll(handle, Buffer.from(text))
    const result = await fill({ write, isWanted: () => !isStopped })
    if (isStopped) throw new CommandFailure('Stopped: nothing was exported.')
    syncFile(draft)
    claimName(draft, file)
    return result
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new CommandFailure(wordTaken(file), { cause: error })
    }
    throw error
  } finally {
    stop.forget()
    closeSync(handle)
    rmSync(draft, { force: true })
  }
}

/** A disk may take less at a time than it was given. */
function writeAll(handle: number, bytes: Buffer): void {
  for (let from = 0; from < bytes.length; ) from += writeSync(handle, bytes, from)
}

/**
 * Writes as fast as somebody reads: a reader that is slower than the database must not fill the memory with what it has
 * yet to read, and one that goes away (`audit export | head`) must not keep the database busy.
 */
export function createSink(output: Output): Sink {
  let isWanted = true
  let goOn = () => {}
  const end = () => {
    isWanted = false
    goOn()
  }
  output.once?.('close', end)
  output.once?.('error', end)
  return {
    async write(text) {
      if (!isWanted || text === '' || output.write(text) !== false || output.once === undefined) return
      const room = Promise.withResolvers<void>()
      goOn = room.resolve
      output.once('drain', room.resolve)
      await room.promise
    },
    isWanted: () => isWanted,
  }
}

/**
 * So that nobody waits for an export that nothing can hold.
 *
 * @throws {UsageError | CommandFailure} what is wrong with the name.
 */
export function checkNewName(file: string): void {
  if (file === '') throw new UsageError('--out takes the name of a new file.')
  if (existsSync(file)) throw new CommandFailure(wordTaken(file))
  const directory = dirname(file)
  if (existsSync(directory)) return
  throw new CommandFailure(
    `There is no directory ${makePrintable(directory)}: make it, or name another file. Nothing was exported.`,
  )
}

function wordTaken(file: string): string {
  return `${makePrintable(file)} is there already: name another file, or remove it. Nothing was exported.`
}
