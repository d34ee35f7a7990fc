/** How many rows one statement removes: few enough that nobody waits for it. */
export const BATCH = 1000

/**
 * Removes until less than a batch was left, a statement at a time: others get their turn between two of them.
 *
 * @param removeBatch removes `BATCH` rows at most, and says how many it removed.
 * @returns how many rows went in all.
 */
export async function inBatches(removeBatch: () => Promise<{ numDeletedRows: bigint }>): Promise<number> {
  for (let total = 0; ; ) {
    const removed = Number((await removeBatch()).numDeletedRows)
    total += removed
    if (removed < BATCH) return total
  }
}
