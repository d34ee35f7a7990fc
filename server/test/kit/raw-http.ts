import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TestApp } from './start-test-app.ts'
import type { WireAnswer } from './wire.ts'

/** Listens on a free port of loopback. `app.close()` ends it. */
export async function listen({ app }: Pick<TestApp, 'app'>): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}

/** Sends a request whose target goes out exactly as it is written: no client resolves or escapes it. */
export async function sendOverWire(
  port: number,
  request: {
    method: string
    target: string
    headers?: Readonly<Record<string, string>>
    body?: string | Buffer | undefined
  },
): Promise<WireAnswer> {
  const { method, target, headers = {}, body } = request
  const outgoing = httpRequest({ host: '127.0.0.1', port, method, path: target, headers, agent: false })
  outgoing.end(body)
  const [incoming] = await once(outgoing, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return toAnswer(incoming.statusCode, incoming.headers, Buffer.concat(chunks).toString())
}

/**
 * Writes bytes to a new connection, piece by piece, ends it, and reads whatever comes back until the other side ends
 * too.
 */
export async function sendBytes(port: number, pieces: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  const chunks: Buffer[] = []
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)))
  socket.on('error', () => {})
  await new Promise<void>((resolve) => socket.once('connect', resolve).once('close', () => resolve()))
  for (const piece of pieces) {
    if (!socket.writable) break
    socket.write(piece)
    await nextTurn()
  }
  socket.end()
  await closed
  return Buffer.concat(chunks).toString('latin1')
}

/** Writes bytes to a new connection, and reads whatever comes back until the other side ends it: the last request asks for that. */
export async function exchangeBytes(port: number, bytes: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port })
  const chunks: Buffer[] = []
  socket.write(bytes)
  for await (const chunk of socket) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('latin1')
}

/**
 * The answers in what a connection gave back, and what is left over. The first has no body, whatever its headers say,
 * where it is the answer to a HEAD.
 */
export function readAnswers(bytes: string, { isHead }: { isHead: boolean }): { answers: WireAnswer[]; rest: string } {
  const answers: WireAnswer[] = []
  let rest = bytes
  for (;;) {
    const end = rest.indexOf('\r\n\r\n')
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(rest)?.[1]
    if (end === -1 || status === undefined) return { answers, rest }
    const headers: Record<string, string> = {}
    for (const line of rest.slice(0, end).split('\r\n').slice(1)) {
      const colon = line.indexOf(':')
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
    }
    // What is refused before it is understood has a body all the same.
    const isFirst = answers.every((answer) => answer.status === 100)
    const isBare = isHead && isFirst && rest[end + 4] !== '{'
    const length = isBare ? 0 : Number(headers['content-length'] ?? 0)
    answers.push(toAnswer(Number(status), headers, rest.slice(end + 4, end + 4 + length)))
    rest = rest.slice(end + 4 + length)
    // The only chunked answers there are are empty.
    if (headers['transfer-encoding'] === 'chunked') rest = rest.replace(/^0\r\n\r\n/, '')
  }
}

function toAnswer(status: number, headers: object, text: string): WireAnswer {
  const entries = Object.entries(headers).map(([name, value]) => [name, String(value)])
  return { status, headers: Object.fromEntries(entries), text, json: parse(text) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
