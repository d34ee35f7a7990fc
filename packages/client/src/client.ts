import type { ContractError } from './contract-error.ts'
import type { Listener, SignOutReason } from './keeper.ts'
import type { Reply } from './reply.ts'
import type { SessionReply } from './session-reply.ts'
import type { TokenStorage } from './storage.ts'
import type { GivenTokens } from './tokens.ts'
import type { Fetch, WireRequest } from './wire.ts'

export type ClientOptions = {
  /** Where Latchkey is: `https://auth.example.com`, with a path if it lives below one. */
  readonly url: string | URL
  /** The origins of your own back ends, which get the token too: `https://api.example.com`. Nobody else does. */
  readonly origins?: readonly string[]
  /** Where the tokens are kept: `memoryStorage()` unless told otherwise. */
  readonly storage?: TokenStorage
  /** Asks at the contract's own place, `/drf-token/…`, where it shares no path with another contract. */
  readonly ownPlace?: boolean
  /** Called once whenever somebody who was signed in is not any more. */
  readonly onLogout?: (reason: SignOutReason) => void
  /** How long an answer of Latchkey's may take, in milliseconds: 30 000 unless told otherwise. */
  readonly timeout?: number
  /** What to fetch with in the place of the platform's `fetch`; it is called with a `Request`. */
  readonly fetch?: Fetch
  /** The time in milliseconds in the place of `Date.now`. */
  readonly now?: () => number
}

/** What every client has, whichever contract it speaks. */
export type Client<Body> = {
  /**
   * `fetch` for your back ends: with the token, renewed as it must be. Takes what `fetch` takes.
   *
   * @throws {ConnectionError} where no answer comes, from the back end or from Latchkey when it has to renew the token.
   * @throws {ContractError} where Latchkey cannot renew it just now: 429 and 503, with `retryAfter`.
   */
  fetch(...request: Parameters<typeof globalThis.fetch>): Promise<Response>
  /**
   * Any request to a path of Latchkey's, without a token; gives whatever comes back.
   *
   * @throws {TypeError} for a path that does not begin with a slash. @throws {ConnectionError}
   */
  request(path: string, request?: WireRequest): Promise<Reply>
  /** Finds out whether somebody is signed in, by the storage; listeners hear of it. Nobody is asked. */
  restore(): Promise<boolean>
  /** Whose token this is, and of which session: `GET /v1/session`. @throws {ContractError} @throws {ConnectionError} */
  session(): Promise<SessionReply>
  /** Signs in with tokens that came from elsewhere. @throws {TypeError} for a text that can be no token. */
  adopt(tokens: GivenTokens): Promise<void>
  /** Calls back whenever somebody signs in or out, in any tab. Gives what ends that. */
  subscribe(listener: Listener): () => void
  /** Whether an error is what this contract's server said. */
  isError(error: unknown): error is ContractError<Body>
  /** Stops listening to other tabs. */
  close(): void
}
