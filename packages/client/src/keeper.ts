import { createLock } from './lock.ts'
import type { TokenStorage } from './storage.ts'
import { readTokens, type Tokens, writeTokens } from './tokens.ts'

/**
 * What a client tells its listeners. `signed-in` comes for a sign-in that was found in the storage too, and when one takes
 * the place of another.
 */
export type ClientEvent =
  | { readonly type: 'signed-in' }
  | { readonly type: 'signed-out'; readonly reason: SignOutReason }

/** The user logged out here; the server ended the session; or another tab did away with the tokens. */
export type SignOutReason = 'logout' | 'expired' | 'elsewhere'

export type Listener = (event: ClientEvent) => void

/** The tokens of whoever is signed in. The storage has the truth, because other tabs change it. */
export type Keeper = {
  read(): Promise<Tokens | null>
  /** Keeps the tokens of a new sign-in, in the place of any other. */
  keep(tokens: Tokens): Promise<void>
  /** Keeps new tokens of a sign-in, unless that is over: a logout wins. @returns whether they were kept. */
  replace(tokens: Tokens): Promise<boolean>
  /** Does away with the tokens of one sign-in, or of any where none is named. @returns what was there. */
  forget(id: string | null, reason: SignOutReason): Promise<Tokens | null>
  subscribe(listener: Listener): () => void
  close(): void
}

/** @param patience how long to wait for other tabs, in milliseconds. */
export function createKeeper(storage: TokenStorage, patience: number): Keeper {
  const lock = createLock(storage, 'write', patience)
  const listeners = new Set<Listener>()
  const ended = new Set<string>()
  let known: string | null = null

  const notice = (tokens: Tokens | null, reason: SignOutReason): void => {
    const before = known
    known = tokens?.id ?? null
    if (known !== before) tell(listeners, known === null ? { type: 'signed-out', reason } : { type: 'signed-in' })
  }

  const look = async (): Promise<Tokens | null> => {
    const tokens = readTokens(await storage.get())
    if (tokens === null || !ended.has(tokens.id)) return tokens
    // Another tab renewed them without having heard of the end.
    await storage.remove()
    return null
  }

  const read = async (): Promise<Tokens | null> => {
    const tokens = await look()
    notice(tokens, 'elsewhere')
    return tokens
  }

  const stopWatching = storage.watch?.((before) => {
    const gone = readTokens(before)?.id
    const seen = async () => {
      const tokens = await look()
      if (gone !== undefined && gone !== tokens?.id) ended.add(gone)
      notice(tokens, 'elsewhere')
    }
    // A storage that fails will fail whoever asks next, who can be told.
    seen().catch(() => {})
  })

  return {
    read,
    keep: (tokens) =>
      lock(async () => {
        await storage.set(writeTokens(tokens))
        notice(tokens, 'elsewhere')
      }),
    replace: (tokens) =>
      lock(async () => {
        const current = await read()
        if (current?.id !== tokens.id) return false
        await storage.set(writeTokens(tokens))
        return true
      }),
    forget: (id, reason) =>
      lock(async () => {
        const tokens = await look()
        if (tokens === null || (id !== null && tokens.id !== id)) {
          notice(tokens, reason)
          return null
        }
        ended.add(tokens.id)
        await storage.remove()
        known = tokens.id
        notice(null, reason)
        return tokens
      }),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => stopWatching?.(),
  }
}

/** A listener that throws keeps nobody else from hearing, and is heard of itself. */
function tell(listeners: ReadonlySet<Listener>, event: ClientEvent): void {
  for (const listener of listeners) {
    try {
      listener(event)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}
