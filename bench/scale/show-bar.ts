import { showProgress } from '../tools/show-progress.ts'

const WIDTH = 30

/** Something long on its way. */
export type Bar = {
  /** Says how far it has come. */
  advance(done: number): void
}

/** A bar that fills on a terminal; elsewhere a line at every fifth. */
export function showBar(what: string, total: number): Bar {
  let fifths = 0
  return {
    advance(done) {
      const share = done / total
      const counts = `${done.toLocaleString('en')} of ${total.toLocaleString('en')}`
      if (process.stderr.isTTY) {
        const full = '█'.repeat(Math.round(share * WIDTH))
        process.stderr.write(`\r        ${full.padEnd(WIDTH, '░')} ${what}: ${counts}${share === 1 ? '\n' : ' '}`)
      } else if (Math.floor(share * 5) > fifths) {
        fifths = Math.floor(share * 5)
        showProgress(`${what}: ${counts}`)
      }
    },
  }
}
