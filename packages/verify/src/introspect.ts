import { fetchJson } from './fetch-json.ts'
import { type Identity, readIdentity } from './identity.ts'
import { isObject } from './is-object.ts'
import type { IntrospectionOptions, Settings } from './options.ts'
import { TokenError } from './token-error.ts'

type IntrospectSettings = Pick<Settings, 'issuer' | 'audience' | 'fetch' | 'timeoutSeconds' | 'leewaySeconds' | 'now'>

/**
 * Asks Latchkey whose live token this is (RFC 7662).
 *
 * @throws {TokenError} `inactive`, `not_an_access_token`, `wrong_issuer`, `wrong_audience`, `expired`, `unavailable`.
 */
export async function introspect(
  settings: IntrospectSettings,
  client: Pick<IntrospectionOptions, 'clientId' | 'clientSecret'> & { readonly url: string },
  token: string,
): Promise<Identity> {
  const { url, clientId, clientSecret } = client
  const { status, json } = await fetchJson(settings, url, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`${encodeForm(clientId)}:${encodeForm(clientSecret)}`)}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ token }).toString(),
  })
  if (status === 400 || status === 401 || status === 403) {
    // The token is not what was refused here: this back end was.
    throw new TokenError('unavailable', `${url} answered ${status}: are clientId and clientSecret right?`)
  }
  if (status !== 200 || !isObject(json) || typeof json.active !== 'boolean') {
    throw new TokenError('unavailable', `${url} answered ${status}, and not whether the token is active.`)
  }
  return readAnswer(settings, json)
}

function readAnswer(
  { issuer, audience, leewaySeconds, now }: IntrospectSettings,
  { active, ...claims }: Readonly<Record<string, unknown>>,
): Identity {
  if (active !== true) throw new TokenError('inactive', 'It is not alive.')
  if (claims.token_type !== 'Bearer') {
    throw new TokenError('not_an_access_token', `It is a token for ${JSON.stringify(claims.token_type)}.`)
  }
  if (claims.iss !== issuer) throw new TokenError('wrong_issuer', 'Somebody else issued it.')
  const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud]
  if (audience !== null && !audiences.includes(audience)) {
    throw new TokenError('wrong_audience', 'It is meant for somebody else, or for nobody in particular.')
  }
  const identity = readIdentity(claims)
  if (identity === null) throw new TokenError('unavailable', 'Introspection does not say whose token it is.')
  if (identity.expiresAt + leewaySeconds * 1000 <= now()) throw new TokenError('expired', 'It has expired.')
  return identity
}

/** RFC 6749, 2.3.1: both halves are encoded as a form's values are, before they meet at the colon. */
function encodeForm(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
