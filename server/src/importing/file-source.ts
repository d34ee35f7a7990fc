import type { FileBytes } from './read-bytes.ts'
import type { Format, Place, RawRow, Source } from './source.ts'

/** What is found out about a file before its rows are read. */
export type Layout = {
  readonly format: Format
  readonly description: string
  readonly notes: readonly string[]
  /** How often the whole file is read. */
  readonly passes: number
  /** Its rows, from the first on; a pass that begins is told. */
  rows(beginPass: () => AsyncGenerator<Uint8Array>): AsyncGenerator<RawRow>
}

/** A file as a source: those of its rows are passed over that were read before. */
export function createFileSource(bytes: FileBytes, { rows, passes, ...layout }: Layout): Source {
  let pass = 0
  const total = bytes.size * passes
  return {
    ...layout,
    progress: () => ({ done: Math.max(0, pass - 1) * bytes.size + bytes.done(), total, unit: 'bytes' }),
    async *rows(after?: Place) {
      pass = 0
      let passedOver = 0
      const beginPass = () => {
        pass++
        return bytes.read()
      }
      for await (const row of rows(beginPass)) {
        if (after !== undefined && passedOver < after.rows) passedOver++
        else yield row
      }
    },
    async close() {},
  }
}
