import type { JsonObject } from './read-object.ts'

/** How many rows show what columns there are, where no header says it. */
const ENOUGH = 100

/** The names of the members that the first objects have, in the order in which they were seen. */
export async function sampleColumns(objects: AsyncIterable<JsonObject>): Promise<readonly string[]> {
  const columns = new Set<string>()
  let count = 0
  for await (const object of objects) {
    for (const name of Object.keys(object)) columns.add(name)
    if (++count === ENOUGH) break
  }
  return [...columns]
}
