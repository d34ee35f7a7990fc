import type { TestApp } from './start-test-app.ts'
import type { WireAnswer } from './wire.ts'

/** The origin whose pages may read answers, in tests that look at that: `corsOrigins` must name it. */
export const PAGE = 'https://app.example.com'

/** A request as it arrives from an address, from a page of `PAGE`. */
export async function sendFrom(
  { app }: Pick<TestApp, 'app'>,
  peer: string,
  request: { method: string; path: string; json?: unknown; token?: string; forwarded?: string },
): Promise<WireAnswer> {
  const { method, path, json, token, forwarded } = request
  const reply = await app.inject({
    method: method as 'POST',
    url: path,
    remoteAddress: peer,
    headers: {
      origin: PAGE,
      ...(token === undefined ? {} : { authorization: token }),
      ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
    },
    ...(json === undefined ? {} : { payload: json as object }),
  })
  const headers = Object.entries(reply.headers).map(([name, value]) => [name, String(value)])
  const text = reply.payload
  return {
    status: reply.statusCode,
    headers: Object.fromEntries(headers),
    text,
    json: text === '' ? null : JSON.parse(text),
  }
}
