import { connect, type Socket } from 'node:net'

/** An answer, or a status of 0 where the connection broke instead. */
export type Answer = {
  readonly status: number
  /** Seconds, as the answer said, or `null`. */
  readonly retryAfter: number | null
  /** Milliseconds from the first byte sent to the last one read. */
  readonly took: number
}

/** A connection that is kept alive, and opened again where the other side closed it. One request at a time. */
export type Line = {
  open(): Promise<void>
  ask(request: string): Promise<Answer>
  close(): void
}

const BROKEN = { status: 0, retryAfter: null }

/** A line to a port of loopback. It reads no more of an answer than what is judged. */
export function openLine(port: number): Line {
  let socket: Socket | null = null
  let text = ''
  let since = 0
  let settle: ((answer: Answer) => void) | null = null

  return { open, ask, close }

  async function open(): Promise<void> {
    if (socket !== null) return
    const opening = connect({ port, host: '127.0.0.1', noDelay: true })
    opening.setEncoding('latin1')
    opening.on('error', () => opening.destroy())
    opening.on('data', (chunk: string) => read(chunk))
    const { promise, resolve } = Promise.withResolvers<void>()
    opening.on('connect', () => resolve())
    opening.on('close', () => {
      if (socket === opening) socket = null
      resolve()
      finish(BROKEN)
    })
    socket = opening
    await promise
  }

  async function ask(request: string): Promise<Answer> {
    await open()
    const { promise, resolve } = Promise.withResolvers<Answer>()
    text = ''
    since = performance.now()
    settle = resolve
    if (socket === null) finish(BROKEN)
    else socket.write(request, 'latin1')
    return promise
  }

  function close(): void {
    socket?.destroy()
    socket = null
  }

  function read(chunk: string): void {
    text += chunk
    const end = text.indexOf('\r\n\r\n')
    if (end === -1) return
    const head = text.slice(0, end)
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
    if (text.length < end + 4 + length) return
    const wait = /\r\nretry-after: *(\d+)/i.exec(head)?.[1]
    if (/\r\nconnection: *close/i.test(head)) close()
    finish({ status: Number(head.slice(9, 12)), retryAfter: wait === undefined ? null : Number(wait) })
  }

  function finish(answer: Omit<Answer, 'took'>): void {
    const done = settle
    settle = null
    done?.({ ...answer, took: performance.now() - since })
  }
}
