/** How many numbers share one piece of memory. */
const SHARE = 32_768

/** Keys of rows: whole numbers, as most tables have, a bit each; whatever else there is, as text. */
export type KeySet = { add(key: unknown): void; has(key: unknown): boolean }

/** Makes a set that holds millions of keys in little memory, as long as they are whole numbers near to each other. */
export function createKeySet(): KeySet {
  const shares = new Map<number, Uint8Array>()
  const others = new Set<string>()
  return {
    add(key) {
      if (!isSmall(key)) {
        others.add(String(key))
        return
      }
      const share = Math.floor(key / SHARE)
      const bits = shares.get(share) ?? new Uint8Array(SHARE / 8)
      shares.set(share, bits)
      const bit = key % SHARE
      bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7))
    },
    has(key) {
      if (!isSmall(key)) return others.has(String(key))
      const bit = key % SHARE
      return ((shares.get(Math.floor(key / SHARE))?.[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0
    },
  }
}

function isSmall(key: unknown): key is number {
  return typeof key === 'number' && Number.isSafeInteger(key) && key >= 0
}
