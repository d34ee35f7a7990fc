import type { Path, WireReply, WireRequest } from '../http/contract.ts'
import { TransportError } from '../http/transport-error.ts'

/** An answer in plain JSON. */
export function json(status: number, body: unknown): WireReply {
  return { status, headers: { 'content-type': 'application/json' }, body }
}

/**
 * A path at which only POST means something.
 *
 * @param load gets what answers. It is asked for at the first request: forms are read by schemas, and their library takes
 *   as long to load as the rest of the server.
 */
export function post(
  path: string,
  load: () => Promise<(request: WireRequest) => Promise<WireReply>>,
  { hashes = false }: { hashes?: boolean } = {},
): Path {
  return {
    path,
    methods: ['POST'],
    hashes,
    async answer(request) {
      if (request.method !== 'POST') throw new TransportError('method_not_allowed')
      const handle = await load()
      return handle(request)
    },
  }
}
