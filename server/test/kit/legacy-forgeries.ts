import { claimsOf, mint, OLD_SECRETS } from './legacy-tokens.ts'

/**
 * Tokens that somebody might make who has a token of a back end before, or even its secret, by what is wrong with each.
 * Whose they are, and all else, is right.
 *
 * @param options.dead a token of ours, signed with the secret that an old service shares, whose session is over.
 */
export function forgeLegacyTokens({
  legacyId,
  dead,
}: {
  legacyId: string
  dead: string
}): Readonly<Record<string, readonly string[]>> {
  const secret = OLD_SECRETS.simplejwt
  const both = (change: (claims: object) => string) =>
    ['access', 'refresh'].map((token_type) => change(claimsOf(legacyId, { token_type })))
  const withClaims = (more: object) => both((claims) => mint({ ...claims, ...more }))
  const withHeader = (header: object) => both((claims) => mint(claims, secret, header))
  const [head = '', body = '', tail = ''] = mint(claimsOf(legacyId)).split('.')
  const now = Math.floor(Date.now() / 1000)

  return {
    'no algorithm': [
      ...['none', 'None', '', null, undefined].flatMap((alg) => withHeader({ alg, typ: 'JWT' })),
      `${encode({ alg: 'none', typ: 'JWT' })}.${body}.`,
      `${head}.${body}.`,
      `${head}.${body}`,
    ],
    'another algorithm': [
      ...['HS384', 'HS512', 'RS256', 'ES256'].flatMap((alg) => withHeader({ alg, typ: 'JWT' })),
      ...both((claims) => mint(claims, secret, { alg: 'HS512', typ: 'JWT' }, 'sha512')),
    ],
    'another secret': ['', 'secret', OLD_SECRETS['express-jwt'], OLD_SECRETS['drf-jwt'], secret.slice(1)].flatMap(
      (other) =>
        // Under the secret of another contract it says whose it is in words that are not that contract’s, or no access token’s.
        [mint(claimsOf(legacyId, { token_type: 'refresh' }), other), mint({ pk: legacyId, exp: now + 60 }, other)],
    ),
    'a header that names a key, or brings one': [
      { kid: 'x' },
      { kid: '../../dev/null' },
      { jku: 'http://127.0.0.1:9/jwks.json' },
      { jwk: { kty: 'oct', k: 'AA' } },
      { x5u: 'https://evil.example/x5u' },
      { crit: ['exp'] },
      { b64: false },
    ].flatMap((more) => withHeader({ alg: 'HS256', typ: 'JWT', ...more })),
    'no end, or one that is too far': [undefined, null, 'never', 2 ** 31, 1e300, now + 61 * 86_400].flatMap((exp) =>
      withClaims({ exp }),
    ),
    'a time after the cut-over': [now + 3600, now + 5, now].flatMap((iat) => withClaims({ iat, exp: now + 7200 })),
    'an end that is over': withClaims({ exp: now - 1 }),
    'another use': ['sliding', 'untyped', '', null, undefined].flatMap((token_type) => withClaims({ token_type })),
    'nobody’s id, or an odd one': [
      '',
      null,
      undefined,
      {},
      [legacyId],
      true,
      -1,
      1.5,
      '__proto__',
      `${legacyId} `,
    ].flatMap((user_id) => withClaims({ user_id })),
    'a session of ours': [...withClaims({ sid: '00000000-0000-4000-8000-000000000000' }), ...withClaims({ sid: null })],
    'a session of ours that is over': [dead],
    'an issuer or an audience that nobody named': [{ iss: 'https://evil.example' }, { aud: 'x' }].flatMap(withClaims),
    'claims that are none': [mint('[]'), mint('null'), mint('{'), mint('')],
    'another spelling': [
      `${head}.${body}.${tail}=`,
      `${head}=.${body}.${tail}`,
      `${head}.${body}.${tail}.`,
      `.${body}.${tail}`,
    ],
    'the digest of one in its place': ['0'.repeat(64), 'f'.repeat(64), '0'.repeat(128)],
  }
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
