import { hash } from 'node:crypto'
import type { WireReply, WireRequest } from './contract.ts'
import { header } from './header.ts'

/**
 * Answers with something public that anybody may keep for a while, and then ask whether it is still so (RFC 9110, 13.1.2):
 * then 304 says so.
 *
 * @param options.maxAge how long it may be kept unasked, in seconds.
 */
export function replyCacheable(
  request: Pick<WireRequest, 'headers'>,
  body: unknown,
  { maxAge }: { maxAge: number },
): WireReply {
  const etag = tagOf(JSON.stringify(body))
  const headers = { 'cache-control': `public, max-age=${maxAge}, must-revalidate`, etag }
  if (hasTag(request, etag)) return { status: 304, headers }
  return { status: 200, headers: { 'content-type': 'application/json', ...headers }, body }
}

/** A tag that is another one as soon as a letter of the text is. */
export function tagOf(text: string): string {
  return `"${hash('sha256', text, 'base64url').slice(0, 22)}"`
}

/** Whether a client says that it has this very thing; a cache on the way may have marked it as weak. */
export function hasTag(request: Pick<WireRequest, 'headers'>, etag: string): boolean {
  const named = header(request, 'if-none-match')
    ?.split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
  return named !== undefined && (named.includes(etag) || named.includes('*'))
}
