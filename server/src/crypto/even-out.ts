/** Makes work that was too little take as long as the usual work does. */
export type Evening = {
  /** Notes how long a piece of usual work took, in milliseconds. */
  note(took: number): void
  /** Works on until as much time has gone by since `started` (by `performance.now`) as a recent piece of usual work took. */
  fillUp(started: number): Promise<void>
}

/** How many times are remembered: few, so that they are of the present load and nobody else's. */
const KEPT = 16
/** The most pieces that a gap is filled with. */
const MOST_PIECES = 32
/** The share of a gap that one piece aims at: the last pieces are small, and end it to a tenth of a millisecond. */
const AIM = 0.7
/** A gap so small is none, in milliseconds. */
const CLOSE = 0.05

/**
 * How long work takes on a busy machine cannot be computed, only remembered: each gap is filled up to one of the last
 * times that the usual work took, one after the other, so that times are spread as the usual ones are.
 *
 * @param work does about a share (0 to 1) of the usual work.
 * @param now tells the time, in milliseconds.
 */
export function createEvening(
  work: (share: number) => Promise<unknown>,
  now: () => number = () => performance.now(),
): Evening {
  const times: number[] = []
  let noted = 0
  let used = 0

  return {
    note(took) {
      times[noted++ % KEPT] = took
    },
    async fillUp(started) {
      const whole = times[used++ % times.length]
      if (whole === undefined) return
      for (let pieces = 0; pieces < MOST_PIECES; pieces++) {
        const gap = started + whole - now()
        if (gap < CLOSE) return
        await work((gap / whole) * AIM)
      }
    },
  }
}
