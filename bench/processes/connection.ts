import { connect } from 'node:net'

/** A connection that is kept alive and carries one request at a time. */
export type Connection = {
  /** Sends a request; `done` is called when its answer is whole. */
  send(request: Buffer, done: () => void): void
  close(): void
}

const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * Opens a connection to a server on loopback. It reads no more of an answer than its status and its length, so that the
 * load generator costs less than what it measures.
 *
 * @param fail is told of any answer with another status than expected, and of a broken connection.
 */
export function openConnection(port: number, status: number, fail: (error: Error) => void): Promise<Connection> {
  const expected = `HTTP/1.1 ${status} `
  return new Promise((resolve) => {
    let done: (() => void) | null = null
    let isClosing = false
    /** What came of the head while it is not whole. */
    let early: Buffer | null = null
    /** Bytes of the body that are still to come, or -1 before its length is known. */
    let missing = -1
    const socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.alloc(64 * 1024),
        callback(length, buffer) {
          read(buffer as Buffer, length)
          return true
        },
      },
    })
    socket.on('error', fail)
    socket.on('close', () => {
      if (!isClosing) fail(new Error('The server closed a connection.'))
    })
    socket.on('connect', () =>
      resolve({
        send(request, whenDone) {
          done = whenDone
          socket.write(request)
        },
        close() {
          isClosing = true
          socket.destroy()
        },
      }),
    )

    function read(buffer: Buffer, length: number): void {
      if (missing === -1) readHead(early === null ? buffer.subarray(0, length) : join(early, buffer, length))
      else missing -= length
      if (missing === 0) finish()
      else if (missing < -1) fail(new Error('An answer was longer than it said.'))
    }

    function readHead(bytes: Buffer): void {
      const end = bytes.indexOf(HEAD_END)
      if (end === -1) {
        early = Buffer.from(bytes)
        return
      }
      early = null
      const head = bytes.toString('latin1', 0, end + 2)
      if (!head.startsWith(expected)) {
        fail(new Error(`Expected ${expected.trim()}, got ${bytes.toString('latin1', 0, 2000)}`))
        return
      }
      missing = contentLength(head) - (bytes.length - end - HEAD_END.length)
    }

    function finish(): void {
      missing = -1
      const whenDone = done
      done = null
      whenDone?.()
    }
  })
}

function join(early: Buffer, buffer: Buffer, length: number): Buffer {
  return Buffer.concat([early, buffer.subarray(0, length)])
}

function contentLength(head: string): number {
  const match = /\r\ncontent-length: (\d+)\r\n/i.exec(head)
  if (match === null) throw new Error('An answer does not say how long it is.')
  return Number(match[1])
}
