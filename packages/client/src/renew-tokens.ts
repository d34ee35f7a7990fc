import type { ContractError } from './contract-error.ts'
import type { Keeper } from './keeper.ts'
import { isSuccess, type Reply } from './reply.ts'
import { type GivenTokens, renewTokens, type Tokens } from './tokens.ts'
import type { Wire, WireRequest } from './wire.ts'

/** How a contract renews an access token. */
export type RefreshSpec = {
  readonly path: string
  write(refresh: string): WireRequest
  /** The new tokens; `null` where the answer is none that was promised. */
  read(json: unknown): GivenTokens | null
  /** Whether the server will never take this refresh token again. Everything else may pass. */
  isOver(reply: Reply): boolean
}

/** What came of asking: tokens, or nobody is signed in any more, which the server may have said. */
export type Outcome = { readonly tokens: Tokens | null; readonly refusal: ContractError | null }

type Parts = {
  readonly keeper: Keeper
  readonly wire: Wire
  readonly toError: (reply: Reply) => ContractError
  readonly now: () => number
}

/** The longest that a `Retry-After` is heeded, in milliseconds: Latchkey never asks for more, a proxy might. */
const LONGEST_PAUSE = 900_000

/**
 * Makes what renews tokens by their refresh token. Where the server asked to be left alone for a while, it is.
 *
 * @throws {ContractError} for every refusal after which the refresh token may still be good.
 */
export function createRenew(
  { keeper, wire, toError, now }: Parts,
  refresh: RefreshSpec,
): (tokens: Tokens) => Promise<Outcome> {
  let asked: { readonly until: number; readonly error: ContractError } | null = null
  return async (tokens) => {
    if (asked !== null && now() < asked.until) throw asked.error
    const reply = await wire.ask(refresh.path, refresh.write(tokens.refresh ?? ''))
    const given = isSuccess(reply) ? refresh.read(reply.json) : null
    if (given !== null) {
      const renewed = renewTokens(tokens, given, now())
      const isKept = await keeper.replace(renewed)
      return { tokens: isKept ? renewed : await keeper.read(), refusal: null }
    }
    const error = toError(reply)
    if (refresh.isOver(reply)) return end(keeper, tokens, error)
    if (error.retryAfter !== null) asked = { until: now() + Math.min(error.retryAfter * 1000, LONGEST_PAUSE), error }
    throw error
  }
}

/** Makes what asks whether a token is still good, where nothing can renew it. */
export function createProbe({ keeper, wire, toError }: Parts, scheme: string): (tokens: Tokens) => Promise<Outcome> {
  return async (tokens) => {
    const reply = await wire.ask('/v1/session', { headers: { authorization: `${scheme} ${tokens.access}` } })
    return reply.status === 401 ? end(keeper, tokens, toError(reply)) : { tokens, refusal: null }
  }
}

async function end(keeper: Keeper, tokens: Tokens, refusal: ContractError): Promise<Outcome> {
  // Where tabs cannot take turns, another one may have been faster, and with it the refresh token was rotated.
  const since = await keeper.read()
  if (since !== null && since.access !== tokens.access) return { tokens: since, refusal: null }
  await keeper.forget(tokens.id, 'expired')
  return { tokens: null, refusal }
}
