import { resolveUrl } from './resolve-url.ts'

/** How tokens are checked. */
export type VerifierOptions = {
  /** The `iss` of the tokens: the server's `LATCHKEY_PUBLIC_URL`. */
  readonly issuer: string
  /** The `aud` that tokens must carry: the server's `LATCHKEY_AUDIENCE`. Left out, any will do. */
  readonly audience?: string
  /** Where the public keys are, if not where the issuer says. */
  readonly jwksUri?: string
  /** Asks Latchkey about tokens; needed for opaque keys, and for logouts to be felt at once. */
  readonly introspection?: IntrospectionOptions
  /** The signature algorithms that are taken: `ES256`, `EdDSA` and `RS256`. */
  readonly algorithms?: readonly Algorithm[]
  /** How far this clock may be behind or ahead of Latchkey's; 5. */
  readonly leewaySeconds?: number
  /** How long keys that have run out are still used while Latchkey cannot be reached; 3600. */
  readonly staleSeconds?: number
  /** How long Latchkey has to answer; 5. */
  readonly timeoutSeconds?: number
  /** Whether plain HTTP may be used beyond this machine: only on a network that is as good as one. */
  readonly allowHttp?: boolean
  /** What sends requests, if not the global `fetch`. */
  readonly fetch?: typeof fetch
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** The asymmetric algorithms that Latchkey signs with. */
export type Algorithm = 'ES256' | 'EdDSA' | 'RS256'

/** How to ask Latchkey about tokens, as a client that `latchkey clients create` registered. */
export type IntrospectionOptions = {
  readonly clientId: string
  readonly clientSecret: string
  /** Where to ask, if not where the issuer says. */
  readonly url?: string
  /** How long an answer is believed; 0 asks each time. A logout is felt that much later. */
  readonly cacheSeconds?: number
  /** Which tokens: those that cannot be checked here (`opaque`), or `always`, so that a logout is felt at once. */
  readonly when?: 'opaque' | 'always'
}

/** The options as they were checked and filled in. */
export type Settings = {
  readonly issuer: string
  readonly audience: string | null
  readonly jwksUri: string | null
  readonly introspection: (Required<Omit<IntrospectionOptions, 'url'>> & { readonly url: string | null }) | null
  readonly algorithms: readonly Algorithm[]
  readonly leewaySeconds: number
  readonly staleSeconds: number
  readonly timeoutSeconds: number
  readonly allowHttp: boolean
  readonly fetch: typeof fetch
  readonly now: () => number
}

const ALGORITHMS: readonly Algorithm[] = ['ES256', 'EdDSA', 'RS256']

/**
 * Checks options and fills in what was left out.
 *
 * @throws {TypeError} at start rather than at the first request, where they cannot be meant.
 */
export function readOptions(options: VerifierOptions): Settings {
  const { issuer, audience, jwksUri, introspection, algorithms = ALGORITHMS, allowHttp = false } = options
  resolveUrl('issuer', issuer, { allowHttp })
  if (audience === '') throw new TypeError('audience is empty: leave it out if any will do.')
  if (jwksUri !== undefined) resolveUrl('jwksUri', jwksUri, { allowHttp })
  const unknown = algorithms.find((algorithm) => !ALGORITHMS.includes(algorithm))
  if (unknown !== undefined || algorithms.length === 0) {
    throw new TypeError(`algorithms may be ${ALGORITHMS.join(', ')}, and at least one of them.`)
  }
  return {
    issuer,
    audience: audience ?? null,
    jwksUri: jwksUri ?? null,
    introspection: introspection === undefined ? null : readIntrospection(introspection, allowHttp),
    algorithms,
    leewaySeconds: seconds('leewaySeconds', options.leewaySeconds ?? 5),
    staleSeconds: seconds('staleSeconds', options.staleSeconds ?? 3600),
    timeoutSeconds: seconds('timeoutSeconds', options.timeoutSeconds ?? 5, 0.001),
    allowHttp,
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    now: options.now ?? Date.now,
  }
}

function readIntrospection(options: IntrospectionOptions, allowHttp: boolean): NonNullable<Settings['introspection']> {
  const { clientId, clientSecret, url, cacheSeconds = 0, when = 'opaque' } = options
  for (const [name, value] of Object.entries({ clientId, clientSecret })) {
    if (typeof value !== 'string' || value === '') throw new TypeError(`introspection.${name} is empty.`)
  }
  if (url !== undefined) resolveUrl('introspection.url', url, { allowHttp })
  if (when !== 'opaque' && when !== 'always') throw new TypeError('introspection.when is opaque or always.')
  seconds('introspection.cacheSeconds', cacheSeconds)
  return { clientId, clientSecret, url: url ?? null, cacheSeconds, when }
}

function seconds(name: string, value: number, least = 0): number {
  if (Number.isFinite(value) && value >= least) return value
  throw new TypeError(`${name} is a number of seconds.`)
}
