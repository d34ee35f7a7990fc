import type { Path, WireReply, WireRequest } from '../http/contract.ts'
import { TransportError } from '../http/transport-error.ts'

/** An answer in plain JSON. */
export function json(status: number, body: unknown): WireReply {
  return { status, headers: { 'content-type': 'application/json' }, body }
}

/** A path at which only POST means something. */
export function post(
  path: string,
  handle: (request: WireRequest) => Promise<WireReply>,
  { hashes = false }: { hashes?: boolean } = {},
): Path {
  return {
    path,
    methods: ['POST'],
    hashes,
    async answer(request) {
      if (request.method !== 'POST') throw new TransportError('method_not_allowed')
      return handle(request)
    },
  }
}
