/**
 * Where tokens are kept: one text. Anything with these three will do, at once or by a promise.
 *
 * A script that gets into a page can do what the page can. What is in `localStorage` it finds there at any time; what
 * `memoryStorage` keeps it has to catch on its way, while the page is open.
 */
export type TokenStorage = {
  get(): string | null | Promise<string | null>
  set(text: string): void | Promise<void>
  remove(): void | Promise<void>
  /** A name where other tabs see the same text under it: they then take turns. */
  readonly sharedAs?: string
  /** Calls back when another tab has changed the text, and gives what ends that. */
  watch?(changed: (before: string | null) => void): () => void
}

/** What a browser's window has and this needs. */
export type Page = {
  readonly localStorage: {
    getItem(key: string): string | null
    setItem(key: string, text: string): void
    removeItem(key: string): void
  }
  addEventListener(type: 'storage', listener: (event: Change) => void): void
  removeEventListener(type: 'storage', listener: (event: Change) => void): void
}

type Change = { readonly key: string | null; readonly oldValue: string | null }

/** Keeps the tokens until the page is left or the process ends: the default, and the most cautious. */
export function memoryStorage(): TokenStorage {
  let kept: string | null = null
  return {
    get: () => kept,
    set: (text) => {
      kept = text
    },
    remove: () => {
      kept = null
    },
  }
}

/**
 * Keeps the tokens in the browser's `localStorage`: they outlive the page, and all tabs of the origin share them. Every
 * script of the origin can read them there.
 *
 * @throws {TypeError} where there is no such storage, as on a server.
 */
export function localStorageStorage(key = 'latchkey', page: unknown = globalThis): TokenStorage {
  if (!isPage(page)) throw new TypeError('There is no localStorage here: use memoryStorage().')
  return {
    sharedAs: key,
    get: () => page.localStorage.getItem(key),
    set: (text) => page.localStorage.setItem(key, text),
    remove: () => page.localStorage.removeItem(key),
    watch(changed) {
      const listener = (event: Change) => {
        if (event.key === key || event.key === null) changed(event.key === null ? null : event.oldValue)
      }
      page.addEventListener('storage', listener)
      return () => page.removeEventListener('storage', listener)
    },
  }
}

/** Node has a `localStorage` too, which no other process is told of. */
function isPage(value: unknown): value is Page {
  return typeof value === 'object' && value !== null && 'localStorage' in value && 'addEventListener' in value
}
