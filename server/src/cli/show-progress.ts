import type { Output } from './command.ts'
import { showBytes } from './print.ts'

/** A line that says how far something is. */
export type Progress = {
  /** What is being done; with `done` and `total`, in bytes, how far it is. */
  show(doing: string, part?: { readonly done: number; readonly total: number }): void
  /** Takes the line away again. */
  clear(): void
}

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

function drawBar({ done, total }: { done: number; total: number }): string {
  const share = total === 0 ? 1 : Math.min(done / total, 1)
  const full = Math.floor(share * WIDTH)
  const percent = String(Math.floor(share * 100)).padStart(3)
  return `[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}] ${percent} % of ${showBytes(total)}`
}
