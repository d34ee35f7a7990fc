/** A request's bytes as text (HTTP/1.1, kept alive), ready to be written to a socket. */
export function writeRequest({
  method,
  path,
  token,
  body,
}: {
  method: 'GET' | 'POST'
  path: string
  token?: string
  body?: unknown
}): string {
  const content = body === undefined ? '' : JSON.stringify(body)
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'Accept: application/json']
  if (token !== undefined) lines.push(`Authorization: Bearer ${token}`)
  if (body !== undefined) lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(content)}`)
  return [...lines, '', content].join('\r\n')
}
