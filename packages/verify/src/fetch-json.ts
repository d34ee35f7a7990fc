import type { Settings } from './options.ts'
import { TokenError } from './token-error.ts'

/** More than any answer of Latchkey's has. */
const LONGEST_ANSWER = 256 * 1024
/** Nobody is told to wait longer than this, in seconds. */
const LONGEST_WAIT = 3600

/** An answer as it came. */
export type JsonAnswer = {
  readonly status: number
  readonly headers: Headers
  /** `undefined` for a body that is no JSON. */
  readonly json: unknown
}

/**
 * Asks Latchkey for JSON, within a time and a size, and goes nowhere else: a redirect is an answer that is not 200.
 *
 * @throws {TokenError} `unavailable` when there is no answer, or one that says so: 429 and anything from 500.
 */
export async function fetchJson(
  { fetch, timeoutSeconds }: Pick<Settings, 'fetch' | 'timeoutSeconds'>,
  url: string,
  init: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string } = {},
): Promise<JsonAnswer> {
  const signal = AbortSignal.timeout(Math.ceil(timeoutSeconds * 1000))
  const headers = { accept: 'application/json', ...init.headers }
  try {
    const response = await fetch(url, { ...init, headers, redirect: 'manual', signal })
    if (response.status === 429 || response.status >= 500) throw busy(url, response)
    return { status: response.status, headers: response.headers, json: parse(await readText(response)) }
  } catch (cause) {
    if (cause instanceof TokenError) throw cause
    throw new TokenError('unavailable', `There was no answer from ${url}.`, { cause })
  }
}

function busy(url: string, { status, headers, body }: Response): TokenError {
  body?.cancel().catch(() => {})
  const wait = Number(headers.get('retry-after') ?? Number.NaN)
  const retryAfter = wait > 0 ? Math.min(Math.ceil(wait), LONGEST_WAIT) : undefined
  const message = `${url} answered ${status}.`
  return new TokenError('unavailable', message, retryAfter === undefined ? {} : { retryAfter })
}

/** Reads a body and stops where it gets longer than any of Latchkey's. */
async function readText({ body }: Response): Promise<string> {
  if (body === null) return ''
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (let length = 0; ; ) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    length += value.byteLength
    if (length > LONGEST_ANSWER) {
      await reader.cancel()
      throw new Error(`The answer is longer than ${LONGEST_ANSWER} bytes.`)
    }
    text += decoder.decode(value, { stream: true })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
