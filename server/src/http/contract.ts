import type { AuthError, AuthErrorCode } from '../core/errors.ts'
import type { Client } from '../core/session.ts'
import type { TransportCode, TransportError } from './transport-error.ts'

/** A request as a door gets it: nothing of it has been interpreted yet. */
export type WireRequest = {
  readonly method: string
  /** The path as it was asked for, without the query. */
  readonly path: string
  /** What follows the first `?` of the target, undecoded; empty when there is none. */
  readonly query: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The bytes of the body, at most `BODY_LIMIT` of them; empty when there is none. */
  readonly body: Buffer
  readonly client: Client
}

/** An answer as it goes over the wire. A body that is `undefined` is no body; anything else is written as JSON. */
export type WireReply = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** One path that a door answers at, and what it does there. */
export type Path = {
  /** As documented, with its trailing slash if it has one. It is answered with and without. */
  readonly path: string
  /** Whether paths below it are answered here too, unless another path is there: `/a/b` and all that follows, for `/a`. */
  readonly answersBelow?: boolean
  /** The methods that mean something here: what `Allow` says. */
  readonly methods: readonly string[]
  /** Answers a request of *any* method: which refusal comes first is the manner of the stack. */
  readonly answer: (request: WireRequest) => Promise<WireReply>
  /**
   * Answers at once what can be answered without waiting for anybody, or `null`. Only plain requests are asked about
   * (`fast-lane.ts`), and whatever is answered here `answer` would answer alike. The same reply for as long as it is true
   * is written once.
   */
  readonly answerNow?: (request: Omit<WireRequest, 'client'>) => WireReply | null
  /**
   * Whether a POST here hashes a password, which costs as much as a thousand token checks. When the server cannot keep up,
   * it is refused before its body is read; every other path goes on.
   */
  readonly hashes?: boolean
  /**
   * Whether a request on a path that another contract has too is this contract's. Two contracts can only share a path
   * if both say how they recognise theirs.
   */
  readonly recognises?: (request: WireRequest) => boolean | Promise<boolean>
}

/** What a refusal happened to: a door's voice may depend on it. `methods` is empty where the path is unknown. */
export type Circumstances = { readonly request: WireRequest; readonly methods: readonly string[] }

/**
 * A door's words for everything that can be refused. There is no default: leave one code out and it does not compile,
 * add one to core and every door stops compiling until it has words for it.
 */
export type ErrorReplies = {
  readonly [Code in AuthErrorCode]: (error: AuthError, circumstances: Circumstances) => WireReply
} & {
  readonly [Code in TransportCode]: (error: TransportError, circumstances: Circumstances) => WireReply
}

/** One documented contract, or the modern API: the paths it answers at and the voice it answers in. */
export type Contract = {
  /** The slug. */
  readonly name: string
  /** Whether `/<name>/…` is a second place where all of it is answered, apart from any other contract. */
  readonly hasOwnPlace: boolean
  readonly paths: readonly Path[]
  readonly errors: ErrorReplies
  /** Whether `/LOGIN` is another path than `/login`, as in the stack that the contract comes from. */
  readonly isCaseSensitive: boolean
  /** Beginnings of paths whose unknown members are refused in this contract's voice. */
  readonly prefixes: readonly string[]
}
