/**
 * Tells of things that may happen very often: of the first at once, of those after it in one go once the pause is over
 * and another comes.
 *
 * @param pause milliseconds.
 * @param tell gets the thing that ended the silence, and how many there were since the last time, itself included.
 */
export function atMostEvery<Thing>(pause: number, tell: (thing: Thing, count: number) => void): (thing: Thing) => void {
  let quietUntil = 0
  let count = 0
  return (thing) => {
    count++
    const time = performance.now()
    if (time < quietUntil) return
    quietUntil = time + pause
    tell(thing, count)
    count = 0
  }
}
