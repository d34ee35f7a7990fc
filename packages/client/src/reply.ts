/** An answer as it came. */
export type Reply = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** `undefined` where the text is no JSON. */
  readonly json: unknown
  /** Seconds, where the server named them. */
  readonly retryAfter: number | null
}

/** Reads an answer to its end. */
export async function readReply(response: Response, now: number): Promise<Reply> {
  const text = await response.text()
  const { status, headers } = response
  return { status, headers, text, json: parse(text), retryAfter: readRetryAfter(headers.get('retry-after'), now) }
}

export function isSuccess({ status }: Reply): boolean {
  return status >= 200 && status < 300
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3). */
function readRetryAfter(value: string | null, now: number): number | null {
  if (value === null) return null
  if (/^\d+$/.test(value)) return Number(value)
  const date = Date.parse(value)
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000))
}
