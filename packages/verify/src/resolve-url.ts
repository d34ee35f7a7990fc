/**
 * Reads an address that tokens are trusted by: HTTPS, or this machine itself, or anything where plain HTTP is allowed.
 *
 * @throws {TypeError} with a sentence for whoever wrote it.
 */
export function resolveUrl(name: string, text: string, { allowHttp }: { allowHttp: boolean }): URL {
  if (!URL.canParse(text)) throw new TypeError(`${name} is no address such as https://auth.example.com.`)
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TypeError(`${name} starts with https://.`)
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw new TypeError(`${name} has no user, password or fragment in it.`)
  }
  if (url.protocol === 'http:' && !allowHttp && !isLoopback(url.hostname)) {
    throw new TypeError(`${name} starts with https://. On a network that you trust as this machine, allowHttp: true.`)
  }
  return url
}

/** Whether a host is this machine, whatever anybody's DNS says. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}
