import type { TestApp } from './start-test-app.ts'

/** A request as tables of requests and replies write it. */
export type TableRequest = {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** JSON, sent as such. */
  readonly json?: unknown
  /** Text, sent as it is. */
  readonly body?: string
  /** Bytes, in base64. */
  readonly body_base64?: string
}

/** A reply as it came. */
export type WireAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly json: unknown
}

/** Tokens that earlier replies gave, for `{{key}}`, `{{access}}`, `{{refresh}}` and `{{token}}` in later requests. */
export type Tokens = Record<string, string>

const TOKEN_NAMES = ['key', 'access', 'refresh', 'token'] as const

/** Sends a request through the whole app, and notes the tokens that come back. */
export async function send(
  { app }: Pick<TestApp, 'app'>,
  request: TableRequest,
  tokens: Tokens = {},
): Promise<WireAnswer> {
  const fill = (text: string) => text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => tokens[name] ?? whole)
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = fill(value)
  const payload = bodyOf(request, fill)
  if (request.json !== undefined) headers['content-type'] ??= 'application/json'
  const reply = await app.inject({
    method: request.method as 'POST',
    url: fill(request.path),
    headers,
    ...(payload === undefined ? {} : { payload }),
  })
  const json = parse(reply.payload)
  for (const name of TOKEN_NAMES) {
    const value = typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[name] : undefined
    if (typeof value === 'string') tokens[name] = value
  }
  const answered = Object.entries(reply.headers).map(([name, value]) => [name, String(value)])
  return { status: reply.statusCode, headers: Object.fromEntries(answered), text: reply.payload, json }
}

/** Replaces every token in a reply by its placeholder, as tables write them. */
export function maskTokens(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => {
      const isToken = TOKEN_NAMES.some((token) => token === name) && typeof value === 'string'
      return [name, isToken ? `{{${name}}}` : value]
    }),
  )
}

function bodyOf(request: TableRequest, fill: (text: string) => string): string | Buffer | undefined {
  if (request.json !== undefined) return fill(JSON.stringify(request.json))
  if (request.body_base64 !== undefined) return Buffer.from(request.body_base64, 'base64')
  return request.body === undefined ? undefined : fill(request.body)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
