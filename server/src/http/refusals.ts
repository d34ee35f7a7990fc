import type { FastifyBaseLogger } from 'fastify'
import { AuthError } from '../core/errors.ts'
import { atMostEvery } from './at-most-every.ts'
import type { Circumstances, Contract, WireReply, WireRequest } from './contract.ts'
import { TransportError } from './transport-error.ts'

/** How often it is told that requests were answered 503, in milliseconds. */
const PAUSE = 10_000
/** When those who are turned away for overload may come back, in seconds: not all at the same moment. */
const WAITS = [2, 3, 4, 5] as const

/** Everything that a door may have to say no to. */
export type Refusals = {
  /** Words an error in a contract's voice. What nobody expected is logged, once, and told as a fixed text. */
  refuse(contract: Contract, error: unknown, circumstances: Circumstances): WireReply
  /** Turns a request away because the process is behind. */
  shed(contract: Contract, circumstances: Circumstances): WireReply
}

/**
 * Words refusals and logs what there is to log. Of what strangers can bring about as often as they like there is a line
 * every ten seconds, with their number: a flood of refusals is no flood of lines.
 */
export function createRefusals(log: FastifyBaseLogger): Refusals {
  // Made once: to make an error with its stack costs more than to answer it, and to turn away has to cost next to nothing.
  const overloads = WAITS.map((retryAfter) => new AuthError('overloaded', { retryAfter }))
  let turn = 0
  const tellBusy = atMostEvery(PAUSE, ({ request }: { request: WireRequest }, count) =>
    log.warn(
      { reqId: request.client.requestId, count },
      'answered 503: there is more to do than this process can: passwords to hash, or tokens of unknown keys',
    ),
  )
  // Apart, or a flood of the one would hide the cause of the other.
  const tellUnavailable = atMostEvery(PAUSE, ({ request, cause }: { request: WireRequest; cause: unknown }, count) =>
    log.warn({ reqId: request.client.requestId, count, err: cause }, 'answered 503: the database did not do it'),
  )

  return {
    refuse({ errors }, error, circumstances) {
      if (error instanceof AuthError) {
        if (error.code === 'overloaded') tell(error, circumstances)
        return errors[error.code](error, circumstances)
      }
      if (error instanceof TransportError) return errors[error.code](error, circumstances)
      const { requestId } = circumstances.request.client
      log.error({ reqId: requestId, err: error }, 'an unexpected error was answered with 500')
      return errors.server_error(new TransportError('server_error', { cause: error }), circumstances)
    },

    shed({ errors }, circumstances) {
      turn = (turn + 1) % overloads.length
      const error = overloads[turn] ?? new AuthError('overloaded')
      tell(error, circumstances)
      return errors.overloaded(error, circumstances)
    },
  }

  function tell({ cause }: AuthError, { request }: Circumstances): void {
    if (cause === undefined) tellBusy({ request })
    else tellUnavailable({ request, cause })
  }
}
