import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { doTasks } from '../../../../bench/processes/do-tasks.ts'

/** How many sockets of each kind, and for how long. */
export type SlowTask = {
  readonly port: number
  readonly milliseconds: number
  readonly each: number
}

/** What became of one kind of sockets. */
export type Held = {
  readonly opened: number
  /** How many the server had closed when the time was over. */
  readonly closed: number
  /** How many requests were answered on them, as far as anybody read. */
  readonly answers: Readonly<Record<string, number>>
}

export type SlowResult = Readonly<Record<SlowKind, Held>>
export type SlowKind = 'headers' | 'bodies' | 'unread'

/** How often each socket does something, in milliseconds. */
const EVERY = 1000
const BATCH = 100

const LOGIN_HEAD =
  'POST /api/users/login/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"email":"'
const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'

/** What a socket begins with, and what it goes on with, a second at a time. */
const KINDS: Readonly<Record<SlowKind, { first: string; later: string; reads: boolean }>> = {
  headers: { first: 'GET /healthz HTTP/1.1\r\nHost: a\r\n', later: 'X: y\r\n', reads: true },
  bodies: { first: LOGIN_HEAD, later: 'x', reads: true },
  // A few questions a second, and nobody to read the answers.
  unread: { first: HEALTH, later: HEALTH.repeat(3), reads: false },
}

async function holdSockets({ port, milliseconds, each }: SlowTask): Promise<SlowResult> {
  const groups = (Object.keys(KINDS) as SlowKind[]).map((kind) => ({ kind, sockets: [] as Holding[] }))
  for (let opened = 0; opened < each; opened += BATCH) {
    const count = Math.min(BATCH, each - opened)
    for (const { kind, sockets } of groups) sockets.push(...Array.from({ length: count }, () => hold(port, kind)))
    await sleep(10)
  }
  const started = performance.now()
  while (performance.now() - started < milliseconds) {
    await sleep(EVERY)
    for (const { sockets } of groups) for (const { goOn } of sockets) goOn()
  }
  const results = groups.map(({ kind, sockets }): [SlowKind, Held] => [kind, sumUp(sockets)])
  for (const { sockets } of groups) for (const { socket } of sockets) socket.destroy()
  return Object.fromEntries(results) as SlowResult
}

type Holding = {
  readonly socket: Socket
  readonly goOn: () => void
  readonly state: { isClosed: boolean; status: string }
}

function hold(port: number, kind: SlowKind): Holding {
  const { first, later, reads } = KINDS[kind]
  const state = { isClosed: false, status: 'none' }
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => {})
  socket.on('close', () => {
    state.isClosed = true
  })
  socket.on('connect', () => socket.write(first))
  if (reads) {
    socket.once('data', (chunk) => {
      state.status = String(chunk).slice(9, 12)
      socket.resume()
    })
  } else socket.pause()
  return { socket, state, goOn: () => void (state.isClosed || !socket.writable || socket.write(later)) }
}

function sumUp(sockets: readonly Holding[]): Held {
  const answers: Record<string, number> = {}
  for (const { state } of sockets) answers[state.status] = (answers[state.status] ?? 0) + 1
  return { opened: sockets.length, closed: sockets.filter(({ state }) => state.isClosed).length, answers }
}

doTasks(holdSockets)
