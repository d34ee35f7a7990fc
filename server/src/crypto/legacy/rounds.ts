/** So many rounds at a time take about a millisecond, and never more than a few. */
const SLICE = 1024
/** The most bytes of a password that count in formats that go over it in each round: `crypt` takes no more either. */
const LONGEST_PASSWORD = 512
/** When whoever has asked for a turn has had it. */
let turns: Promise<void> = Promise.resolve()

/** Runs rounds of something that Node has no function for beside the event loop: whoever else is waiting, then a slice. */
export async function runRounds(rounds: number, step: (round: number) => void): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    if (round % SLICE === 0) await takeTurn()
    step(round)
  }
}

/** There is one event loop for however many cores: all who run rounds share one slice of each of its turns. */
function takeTurn(): Promise<void> {
  turns = turns.then(() => new Promise((resolve) => setImmediate(resolve)))
  return turns
}

/**
 * The bytes of a password for such a format, and whether they are all of it: a longer one matches nothing, after as much work.
 */
export function cutPassword(password: string): { readonly bytes: Buffer; readonly isWhole: boolean } {
  const bytes = Buffer.from(password)
  return { bytes: bytes.subarray(0, LONGEST_PASSWORD), isWhole: bytes.length <= LONGEST_PASSWORD }
}
