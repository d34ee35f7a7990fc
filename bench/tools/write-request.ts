/** A request's bytes as text (HTTP/1.1, kept alive), ready to be written to a socket. */
export function writeRequest({
  method,
  path,
  token,
  authorization = token === undefined ? undefined : `Bearer ${token}`,
  body,
  form,
}: {
  method: 'GET' | 'POST'
  path: string
  token?: string
  authorization?: string | undefined
  /** Sent as JSON. */
  body?: unknown
  /** Sent as a form. */
  form?: Readonly<Record<string, string>>
}): string {
  const content =
    form !== undefined ? String(new URLSearchParams(form)) : body === undefined ? '' : JSON.stringify(body)
  const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded'
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'Accept: application/json']
  if (authorization !== undefined) lines.push(`Authorization: ${authorization}`)
  if (content !== '') lines.push(`Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(content)}`)
  return [...lines, '', content].join('\r\n')
}
