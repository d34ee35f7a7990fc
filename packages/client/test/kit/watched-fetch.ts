import type { ClientOptions } from '../../src/index.ts'

/** The platform's own fetch, and what went through it. */
export type WatchedFetch = {
  readonly fetch: NonNullable<ClientOptions['fetch']>
  /** `POST /v1/session/refresh 200`, in the order in which the answers came. */
  readonly seen: string[]
  /** The last answer. */
  readonly last: { response: Response | null }
  /** Holds back the answers to a path until they are let go. */
  hold(path: string): Hold
}

export type Hold = {
  /** Settles when the first answer is held. */
  readonly reached: Promise<void>
  letGo(): void
}

export function watchFetch(): WatchedFetch {
  const seen: string[] = []
  const last: { response: Response | null } = { response: null }
  const held = new Map<string, { readonly reached: () => void; readonly gone: Promise<void> }>()
  return {
    seen,
    last,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      const response = await fetch(request)
      const hold = held.get(pathname)
      hold?.reached()
      await hold?.gone
      seen.push(`${request.method} ${pathname} ${response.status}`)
      last.response = response
      return response
    },
    hold(path) {
      const reached = Promise.withResolvers<void>()
      const gone = Promise.withResolvers<void>()
      held.set(path, { reached: reached.resolve, gone: gone.promise })
      return {
        reached: reached.promise,
        letGo() {
          held.delete(path)
          gone.resolve()
        },
      }
    },
  }
}

/** How many of the requests seen were of this method and path, whatever was answered. */
export function count(seen: readonly string[], request: string): number {
  return seen.filter((line) => line.startsWith(`${request} `)).length
}
