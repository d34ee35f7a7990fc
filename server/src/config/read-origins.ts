import type { Reading } from './setting.ts'

/** Reads the http or https origin at which clients reach the server. */
export function readPublicUrl(text: string): Reading<string> {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return { problems: ['must be an origin that begins with http:// or https://, such as https://auth.example.com.'] }
  }
  return readBareOrigin(text, url)
}

/** Reads one exact origin whose pages may read the answers. Custom schemes, as mobile shells have, are origins too. */
export function readCorsOrigin(text: string): Reading<string> {
  if (text.toLowerCase() === 'null') {
    return {
      problems: [
        'may not be null: every sandboxed frame and local file on the web has that origin. Name exact origins.',
      ],
    }
  }
  if (text.includes('*')) {
    return {
      problems: ['may not hold *: any site could then read what your accounts are answered. Name exact origins.'],
    }
  }
  const url = URL.parse(text)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return readBareOrigin(text, url)
  if (url !== null && url.protocol !== 'file:' && /^[a-z][a-z\d+.-]*:\/\/[a-z\d.-]+(:\d+)?$/i.test(text)) {
    return { value: text.toLowerCase() }
  }
  return { problems: ['must be an exact origin: scheme, host and port only, such as https://app.example.com.'] }
}

function readBareOrigin(text: string, url: URL): Reading<string> {
  if (url.username !== '' || url.password !== '') return { problems: ['may not hold a user name or a password.'] }
  if (url.pathname !== '/' || /[?#]/.test(text) || text.endsWith('//')) {
    return { problems: ['must be an origin only: scheme, host and port, with no path, query or fragment.'] }
  }
  return { value: url.origin }
}
