import { connect } from 'node:net'

/** How long an answer may take, in milliseconds. */
const PATIENCE = 10_000

/** One whole answer, head and body, as it came over the wire. */
export type RawAnswer = { readonly status: number; readonly head: readonly string[]; readonly body: string }

/**
 * Sends one request on a connection of its own.
 *
 * @throws {Error} when nobody listens, or no whole answer comes.
 */
export function askOnce(port: number, request: string): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    let text = ''
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error(`No answer within ${PATIENCE} ms.`)))
    socket.setEncoding('latin1')
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('The connection was closed before an answer was whole.')))
    socket.on('data', (chunk: string) => {
      text += chunk
      const answer = readAnswer(text)
      if (answer === null) return
      resolve(answer)
      socket.destroy()
    })
  })
}

/** The answer in a text, or `null` while it is not whole. */
function readAnswer(text: string): RawAnswer | null {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return null
  const [first = '', ...head] = text.slice(0, end).split('\r\n')
  const length = Number(/^content-length: (\d+)$/im.exec(head.join('\n'))?.[1] ?? 0)
  const body = text.slice(end + 4)
  return body.length < length ? null : { status: Number(first.split(' ')[1]), head, body }
}
