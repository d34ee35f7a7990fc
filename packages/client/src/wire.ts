import { ConnectionError } from './contract-error.ts'
import { type Reply, readReply } from './reply.ts'

/** A request to Latchkey. */
export type WireRequest = {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is. */
  readonly body?: string | URLSearchParams | FormData | Blob
}

/** What fetches: the one of the platform, or one that was given instead. */
export type Fetch = (request: Request) => Promise<Response>

/** The way to one Latchkey. */
export type Wire = {
  readonly origin: string
  /** Sends any request. @throws {ConnectionError} where no answer comes. */
  send: Fetch
  /** Asks at a path of Latchkey's, and reads the answer. @throws {ConnectionError} where none comes in time. */
  ask(path: string, request: WireRequest, fetch?: Fetch): Promise<Reply>
}

/** @throws {TypeError} for a URL at which nobody can be asked. */
export function createWire(
  url: string | URL,
  { fetch, now, timeout }: { fetch: Fetch; now: () => number; timeout: number },
): Wire {
  const { origin, prefix } = readBase(url)
  const send: Fetch = (request) => reach(request, () => fetch(request))
  /** Whoever called a request off gets the reason that was given. */
  async function reach<Result>({ url, signal }: Request, run: () => Promise<Result>): Promise<Result> {
    try {
      return await run()
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const asked = new URL(url).origin
      throw new ConnectionError(asked, error, { isLatchkey: asked === origin })
    }
  }
  return {
    origin,
    send,
    async ask(path, { method, headers, json, body }, fetchIt = send) {
      // After the name of a host, anything else would make it another host's.
      if (!path.startsWith('/')) throw new TypeError(`A path of Latchkey's begins with a slash: ${path}`)
      const controller = new AbortController()
      const giveUp = () =>
        controller.abort(
          new ConnectionError(origin, new Error(`Nothing came within ${timeout} ms.`), { isLatchkey: true }),
        )
      const timer = setTimeout(giveUp, timeout)
      try {
        const request = new Request(prefix + path, {
          method: method ?? (json === undefined && body === undefined ? 'GET' : 'POST'),
          headers: writeHeaders(headers, json !== undefined),
          ...(json === undefined ? {} : { body: JSON.stringify(json) }),
          ...(body === undefined ? {} : { body }),
          signal: controller.signal,
          // Latchkey reads no cookies and sends nobody elsewhere.
          credentials: 'omit',
          redirect: 'error',
          cache: 'no-store',
        })
        const response = await fetchIt(request)
        return await reach(request, () => readReply(response, now()))
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

const JSON_TYPE = 'application/json'

function writeHeaders(given: Readonly<Record<string, string>> = {}, isJson: boolean): Headers {
  const headers = new Headers(given)
  if (!headers.has('accept')) headers.set('accept', JSON_TYPE)
  if (isJson && !headers.has('content-type')) headers.set('content-type', JSON_TYPE)
  return headers
}

function readBase(url: string | URL): { readonly origin: string; readonly prefix: string } {
  const { protocol, origin, pathname, username, password, search, hash } = new URL(url)
  if (!/^https?:$/.test(protocol)) throw new TypeError('The URL of Latchkey must begin with https:// or http://.')
  if (username + password + search + hash !== '') {
    throw new TypeError('The URL of Latchkey must have no password, no query and no fragment.')
  }
  return { origin, prefix: origin + pathname.replace(/\/+$/, '') }
}
