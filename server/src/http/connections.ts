import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { networkOf } from '../core/network.ts'

/** Which part of all connections one client may hold, at most. */
const SHARE = 10
/** How often refusals are told of, in milliseconds. */
const PAUSE = 60_000

/** Connections that were refused since the last time it was told. */
export type RefusedConnections = {
  readonly count: number
  /** The peer of the last one. */
  readonly peer: string
  /** Whether that peer held its share, rather than all together all there are. */
  readonly isOneClient: boolean
}

/** For the operator: why connections were refused, and what to do. */
export function describeRefused({ isOneClient }: RefusedConnections): string {
  const advice = isOneClient
    ? 'one client held a tenth of all connections and got no more. If this is your proxy, name it in LATCHKEY_TRUSTED_PROXIES; if many of your users share its address, raise LATCHKEY_MAX_CONNECTIONS.'
    : 'there are as many connections as LATCHKEY_MAX_CONNECTIONS allows. Raise it if this process has memory to spare, or start more.'
  return `connections were refused: ${advice}`
}

/**
 * Holds at most so many connections, and of one client (an IPv4 address, or the /64 of an IPv6 address) a tenth of them,
 * so that one host cannot shut all others out. What is more is closed without a word: an answer would cost what is
 * scarce. The limit is a process's own.
 *
 * @param options.isExempt whether a peer stands for many clients: a trusted proxy. Loopback is exempt anyway.
 * @param options.now milliseconds since 1970.
 * @param options.tell hears of refusals, at most once a minute.
 */
export function limitConnections(
  server: Server,
  {
    most,
    isExempt,
    now,
    tell,
  }: {
    most: number
    isExempt: (peer: string) => boolean
    now: () => number
    tell: (refused: RefusedConnections) => void
  },
): void {
  const held = new Map<string, number>()
  const share = Math.max(1, Math.floor(most / SHARE))
  let refused = 0
  let quietUntil = 0

  // Without the second, which Node's types do not know, full workers would hand a connection to each other for ever.
  Object.assign(server, { maxConnections: most, dropMaxConnection: true })
  server.on('drop', (connection) => refuse(connection?.remoteAddress ?? '', false))
  server.prependListener('connection', (socket) => count(socket))

  function count(socket: Socket): void {
    const peer = socket.remoteAddress ?? ''
    const client = networkOf(peer)
    if (client === null || isExempt(peer)) return
    const connections = held.get(client) ?? 0
    if (connections >= share) {
      socket.destroy()
      refuse(peer, true)
      return
    }
    held.set(client, connections + 1)
    socket.once('close', () => release(client))
  }

  /** A client that has none left is forgotten: what is held is bounded by the connections there are. */
  function release(client: string): void {
    const connections = held.get(client) ?? 1
    if (connections > 1) held.set(client, connections - 1)
    else held.delete(client)
  }

  function refuse(peer: string, isOneClient: boolean): void {
    refused++
    if (now() < quietUntil) return
    quietUntil = now() + PAUSE
    tell({ count: refused, peer, isOneClient })
    refused = 0
  }
}
