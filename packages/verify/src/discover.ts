import { fetchJson } from './fetch-json.ts'
import { isObject } from './is-object.ts'
import type { Settings } from './options.ts'
import { TokenError } from './token-error.ts'

/** Where an issuer publishes its keys and answers questions about tokens. */
export type Endpoints = { readonly jwksUri: string; readonly introspectionUrl: string }

/** What discovery needs. */
export type DiscoverySettings = Pick<Settings, 'issuer' | 'fetch' | 'timeoutSeconds'>

/**
 * Makes what finds an issuer's endpoints by its metadata (RFC 8414), once for all who ask. An issuer that has none has
 * its endpoints where Latchkey's are; one that names a place elsewhere is not believed.
 */
export function createDiscovery(settings: DiscoverySettings): () => Promise<Endpoints> {
  let found: Promise<Endpoints> | null = null
  return () => {
    const asked = found ?? discover(settings)
    found = asked
    // What failed is tried again by whoever asks next.
    asked.catch(() => {
      if (found === asked) found = null
    })
    return asked
  }
}

/** @throws {TokenError} `unavailable`. */
async function discover(settings: DiscoverySettings): Promise<Endpoints> {
  const { issuer } = settings
  const usual = { jwksUri: below(issuer, '/.well-known/jwks.json'), introspectionUrl: below(issuer, '/v1/introspect') }
  const { origin, pathname } = new URL(issuer)
  const url = `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`
  const { status, json } = await fetchJson(settings, url)
  if (status === 404) return usual
  if (status !== 200 || !isObject(json))
    throw new TokenError('unavailable', `${url} answered ${status}, and no metadata.`)
  // RFC 8414, 3.3: whoever calls itself by another name may not vouch for this one.
  if (json.issuer !== issuer) {
    throw new TokenError('unavailable', `${url} is the metadata of ${JSON.stringify(json.issuer)}, not of ${issuer}.`)
  }
  return {
    jwksUri: readEndpoint(json, 'jwks_uri', { origin, usual: usual.jwksUri }),
    introspectionUrl: readEndpoint(json, 'introspection_endpoint', { origin, usual: usual.introspectionUrl }),
  }
}

function readEndpoint(
  metadata: Readonly<Record<string, unknown>>,
  name: string,
  { origin, usual }: { origin: string; usual: string },
): string {
  const value = metadata[name]
  if (value === undefined) return usual
  if (typeof value === 'string' && URL.canParse(value) && new URL(value).origin === origin) return value
  throw new TokenError(
    'unavailable',
    `The issuer's ${name} is not at ${origin}: if that is meant, say it in the options.`,
  )
}

function below(issuer: string, path: string): string {
  return `${issuer.replace(/\/$/, '')}${path}`
}
