import { closeSync, createReadStream, openSync, type ReadStream, readSync, statSync } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { SourceError } from './source.ts'

/** How much of a file is in memory at a time. */
const CHUNK = 256 * 1024

/** A file that is read from its beginning as often as is asked. */
export type FileBytes = {
  /** As it is on the disk, which is what `done` counts too. */
  readonly size: number
  /** How much of the file the newest `read` has come to. */
  done(): number
  /** What is in the file. What gzip has packed, as its first bytes tell, is unpacked. */
  read(): AsyncGenerator<Uint8Array>
}

/**
 * Looks at a file.
 *
 * @throws {SourceError} when it cannot be read, or not more than once.
 */
export function openBytes(path: string): FileBytes {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) throw new SourceError(`There is no file ${path}.`)
  if (!stats.isFile()) {
    throw new SourceError(`${path} is not a file that can be read twice: write what comes from it into a file first.`)
  }
  const isPacked = beginsAsGzip(path)
  let reading: ReadStream | null = null
  return {
    size: stats.size,
    done: () => reading?.bytesRead ?? 0,
    async *read() {
      const file = createReadStream(path, { highWaterMark: CHUNK })
      reading = file
      if (!isPacked) {
        yield* withoutMark(file)
        return
      }
      const unpacked = createGunzip({ chunkSize: CHUNK })
      file.once('error', (error) => unpacked.destroy(error))
      try {
        yield* withoutMark(file.pipe(unpacked))
      } catch (cause) {
        throw new SourceError(`${path} is not whole: gzip cannot unpack all of it. Copy or export it again.`, { cause })
      } finally {
        file.destroy()
      }
    },
  }
}

/** Takes away the mark that Windows puts before UTF-8, and refuses what has the mark of another encoding. */
async function* withoutMark(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isFirst = true
  for await (const chunk of chunks) {
    if (isFirst && ((chunk[0] === 0xff && chunk[1] === 0xfe) || (chunk[0] === 0xfe && chunk[1] === 0xff))) {
      throw new SourceError('The file is written in UTF-16: save it again as UTF-8.')
    }
    yield isFirst && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk
    isFirst = false
  }
}

function beginsAsGzip(path: string): boolean {
  const handle = openSync(path, 'r')
  try {
    const head = new Uint8Array(2)
    return readSync(handle, head) === 2 && head[0] === 0x1f && head[1] === 0x8b
  } finally {
    closeSync(handle)
  }
}
