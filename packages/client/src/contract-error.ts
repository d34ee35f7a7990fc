import { isSuccess, type Reply } from './reply.ts'
import type { Sentences } from './voice.ts'

/** What the server said that was no success, or not the one that was promised. Nothing of it is lost. */
export class ContractError<Body = unknown> extends Error {
  override readonly name = 'ContractError'
  /** Whose client this comes from: `drf-jwt`, `simplejwt` … */
  readonly contract: string
  readonly status: number
  /** The answer in the shape in which the contract writes its errors; `null` where it has another, as a proxy's may. */
  readonly body: Body | null
  /** The answer as JSON of any shape; `undefined` where it is none. */
  readonly json: unknown
  /** The answer to the letter. */
  readonly text: string
  readonly headers: Headers
  /** Seconds after which to try again, where the server said so: with 429 and 503. */
  readonly retryAfter: number | null
  /** What is wrong with each field, under the contract's own names: to be shown beside it. */
  readonly fieldErrors: Readonly<Record<string, readonly string[]>>
  /** What belongs to no field: to be shown above the form. */
  readonly formErrors: readonly string[]

  constructor(contract: string, reply: Reply, body: Body | null, { fields, form }: Sentences) {
    const but = isSuccess(reply) ? ', but not what was promised' : ''
    super(form[0] ?? Object.values(fields)[0]?.[0] ?? `The server answered ${reply.status}${but}.`)
    this.contract = contract
    this.status = reply.status
    this.body = body
    this.json = reply.json
    this.text = reply.text
    this.headers = reply.headers
    this.retryAfter = reply.retryAfter
    this.fieldErrors = fields
    this.formErrors = form
  }
}

/** No answer came: no network, no server, too slow, or a browser that was not allowed to read it. `cause` says more. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'

  /** @param isLatchkey whether it is Latchkey, and no back end, that did not answer. */
  constructor(origin: string, cause: unknown, { isLatchkey }: { isLatchkey: boolean }) {
    const who = isLatchkey ? 'LATCHKEY_CORS_ORIGINS must name' : 'it must allow'
    super(`No answer from ${origin}. In a browser, ${who} the origin of the page.`, { cause })
  }
}

/** Something needs somebody who is signed in, and nobody is, or not any more. */
export class SignedOutError extends Error {
  override readonly name = 'SignedOutError'

  constructor() {
    super('Nobody is signed in: log in first.')
  }
}
