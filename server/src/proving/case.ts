import type { TokenPromise } from './judge-tokens.ts'

/** A request as `examples.json` writes it. */
export type CaseRequest = {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** JSON, sent as such. */
  readonly json?: unknown
  /** Text, sent as it is. */
  readonly body?: string
}

/** What a contract promises as the answer to a request. */
export type Promised = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** The body; where there is no such member, the body is not looked at. */
  readonly json?: unknown
  /** What its tokens say, where somebody may read them. */
  readonly tokens?: readonly TokenPromise[]
}

/**
 * Whose promise a case is: the document's, the contract's own where the document is silent, that of a companion route, or
 * that of the framework behind it.
 */
export type CaseKind = 'document' | 'contract' | 'companion' | 'manner'

/** One request and what has to come back, on a server about which nothing else is known. */
export type Case = {
  readonly name: string
  readonly kind: CaseKind
  /** Requests that come first, in order. */
  readonly given: readonly CaseRequest[]
  readonly request: CaseRequest
  readonly reply: Promised
  /** Why this cannot be tried from outside; `null` where it can. */
  readonly untriable: string | null
}

/** Whether a request is one that makes an account. */
export function isRegistration({ method, path }: CaseRequest): boolean {
  return method === 'POST' && /\/(registration|register)\/?$/.test(path)
}
