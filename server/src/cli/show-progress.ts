import type { Output } from './command.ts'
import { showBytes, showCount } from './print.ts'

/** A line that says how far something is. */
export type Progress = {
  /** What is being done; with `done` and `total`, in bytes or in what the noun names, how far it is. */
  show(doing: string, part?: Part): void
  /** Takes the line away again. */
  clear(): void
}

/** How much of something is done. */
type Part = { readonly done: number; readonly total: number; readonly noun?: string }

const WIDTH = 28
const CLEAR_LINE = '\r\u001b[K'

/** Shows progress in one line of a terminal; a file or a pipe gets nothing of it. */
export function createProgress(output: Output): Progress {
  if (output.isTTY !== true) return { show() {}, clear() {} }
  let shown = ''
  return {
    show(doing, part) {
      const line = part === undefined ? `${doing} …` : `${doing} ${drawBar(part)}`
      // A terminal is slower than a disk: only what looks different is written.
      if (line === shown) return
      output.write(`${CLEAR_LINE}${line}`)
      shown = line
    },
    clear() {
      if (shown !== '') output.write(CLEAR_LINE)
      shown = ''
    },
  }
}

function drawBar({ done, total, noun }: Part): string {
  const share = total === 0 ? 1 : Math.min(done / total, 1)
  const full = Math.floor(share * WIDTH)
  const percent = String(Math.floor(share * 100)).padStart(3)
  return `[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}] ${percent} % of ${noun === undefined ? showBytes(total) : showCount(total, noun)}`
}
