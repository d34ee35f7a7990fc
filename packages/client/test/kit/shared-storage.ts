import type { TokenStorage } from '../../src/index.ts'

/** A text that several tabs see, each through a storage of its own that hears of the others' changes. */
export function shareStorage(sharedAs: string): () => TokenStorage {
  let kept: string | null = null
  const tabs = new Set<(before: string | null) => void>()
  return () => {
    let heard: ((before: string | null) => void) | null = null
    const change = (text: string | null) => {
      const before = kept
      kept = text
      for (const tab of tabs) if (tab !== heard) tab(before)
    }
    return {
      sharedAs,
      get: async () => kept,
      set: async (text) => change(text),
      remove: async () => change(null),
      watch(changed) {
        heard = changed
        tabs.add(changed)
        return () => tabs.delete(changed)
      },
    }
  }
}
