import { connect } from 'node:net'
import type { PoolClient } from 'pg'

/** What makes a packet a cancel request (PostgreSQL, 55.7). */
const CANCEL = 80_877_102
/** How long a server may take to hear of it, in milliseconds. */
const PATIENCE = 2000

/**
 * Asks the server to end what a connection that was given up is still at. It ends a statement that takes too long by
 * itself, but not a commit that waits for a standby: that would keep its locks and its place among the server's
 * connections for as long as the standby is away. Nobody waits for the outcome.
 */
export function cancelWork(client: PoolClient): void {
  const target = readTarget(client)
  if (target === null) return
  const { host, port, processId, secretKey } = target
  const request = Buffer.alloc(16)
  for (const [index, word] of [request.length, CANCEL, processId, secretKey].entries()) {
    request.writeInt32BE(word, index * 4)
  }
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
  // Without TLS, as libpq long did it: the key means nothing but this connection, which ends now.
  socket.on('connect', () => socket.end(request))
  socket.on('error', () => {})
  socket.setTimeout(PATIENCE, () => socket.destroy())
  socket.unref()
}

type Target = {
  readonly host: string
  readonly port: number
  readonly processId: number
  readonly secretKey: number
}

/** The driver keeps these, and its types do not say so. */
function readTarget(client: PoolClient): Target | null {
  const { host, port, processID, secretKey }: Readonly<Record<string, unknown>> = { ...client }
  const isComplete =
    typeof host === 'string' &&
    typeof port === 'number' &&
    typeof processID === 'number' &&
    typeof secretKey === 'number'
  return isComplete ? { host, port, processId: processID, secretKey } : null
}
