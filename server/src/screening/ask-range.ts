import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'

/** How long a question may take in all, from the look-up of the name to the last byte, in milliseconds. */
const PATIENCE = 1000
/** The longest answer that is read, in bytes. Padded ones are about 45 kB now, and grow with every breach. */
const LONGEST_ANSWER = 512 * 1024
/** The rest of a SHA-1 in hexadecimal after its first five digits, and how often breaches have shown it. */
const LINE = /^[0-9A-F]{35}:\d{1,15}$/
/** An entry that only makes all answers look alike. */
const PADDING = /:0+$/

/**
 * Asks a Pwned Passwords range API for all hashes that begin with five hexadecimal digits: nothing else leaves the
 * machine. Padding is asked for, so that not even the length of the answer tells which five.
 *
 * @param url the address to which the digits are added, with its slash.
 * @returns the rest of each hash, a line each with a line feed before it.
 * @throws {Error} whatever goes wrong: no answer within a second, another status than 200 (redirects are not followed),
 *   or something that is no such list.
 */
export async function askRange(url: string, prefix: string): Promise<string> {
  const signal = AbortSignal.timeout(PATIENCE)
  const response = await open(new URL(prefix, url), signal)
  if (response.statusCode !== 200) {
    response.destroy()
    throw new Error(`it answered with status ${response.statusCode}`)
  }
  return parse(await readText(response, signal))
}

/** Whether a range that was asked for has this hash. */
export function isInRange(range: string, suffix: string): boolean {
  return range.includes(`\n${suffix}`)
}

function open(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  // Without a user agent the API answers 403. Compressed text would have no bounds before it is unpacked.
  const headers = { 'user-agent': 'latchkey', 'add-padding': 'true', 'accept-encoding': 'identity' }
  return new Promise((resolve, reject) => {
    request(url, { agent: false, rejectUnauthorized: true, signal, headers })
      .on('response', resolve)
      .on('error', (error) => reject(signal.aborted ? tooLate(error) : error))
      .on('close', () => reject(new Error('it closed the connection')))
      .end()
  })
}

async function readText(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of response) {
      const bytes = Buffer.from(chunk)
      length += bytes.length
      if (length > LONGEST_ANSWER) break
      chunks.push(bytes)
    }
  } catch (error) {
    throw signal.aborted ? tooLate(error) : error
  }
  if (length > LONGEST_ANSWER) throw new Error(`its answer is longer than ${LONGEST_ANSWER} bytes`)
  return Buffer.concat(chunks).toString('latin1')
}

function parse(text: string): string {
  const lines = text.toUpperCase().trim().split(/\r?\n/)
  if (!lines.every((line) => LINE.test(line))) throw new Error('its answer is no list of hashes')
  return lines
    .filter((line) => !PADDING.test(line))
    .map((line) => `\n${line.slice(0, 35)}`)
    .join('')
}

function tooLate(cause: unknown): Error {
  return new Error(`it did not answer within ${PATIENCE} ms`, { cause })
}
