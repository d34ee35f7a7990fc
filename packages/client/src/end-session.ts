import type { ContractError } from './contract-error.ts'
import type { RefreshSpec } from './renew-tokens.ts'
import { isSuccess, type Reply } from './reply.ts'
import type { Tokens } from './tokens.ts'
import type { Wire } from './wire.ts'

type Parts = {
  readonly wire: Wire
  readonly logout: { readonly path: string; readonly method: string; readonly scheme: string }
  readonly refresh: RefreshSpec | undefined
  readonly toError: (reply: Reply) => ContractError
}

/**
 * Tells the server of a logout. Where the access token has expired, the refresh token gets one more: the session would
 * go on without it, and with it whoever has stolen a token.
 */
export async function endSession({ wire, logout, refresh, toError }: Parts, tokens: Tokens | null): Promise<Reply> {
  const ask = (access: string | null): Promise<Reply> => {
    const headers = access === null ? {} : { authorization: `${logout.scheme} ${access}` }
    return wire.ask(logout.path, { method: logout.method, headers })
  }
  const reply = await ask(tokens?.access ?? null)
  if (reply.status !== 401 || refresh === undefined || tokens === null || tokens.refresh === null) return reply
  const renewed = await wire.ask(refresh.path, refresh.write(tokens.refresh))
  const given = isSuccess(renewed) ? refresh.read(renewed.json) : null
  if (given !== null) return ask(given.access)
  // The session has ended already, which is what was asked for; what was said to the logout is the answer.
  if (refresh.isOver(renewed)) return reply
  throw toError(renewed)
}
