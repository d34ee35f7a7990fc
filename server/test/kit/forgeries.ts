import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** What a forger has at most: a token that was alive, our public key, and (in the worst case) a way to have things signed. */
export type Forger = {
  readonly token: string
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
  /** Seconds since 1970. */
  readonly now: number
}

/** The order of the group of P-256: with (r, s), (r, n − s) is a signature too. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** Every forgery, by what is wrong with it. Where a list is long, each of its tokens is wrong by itself. */
export function forgeTokens({
  token,
  publicKey,
  privateKey,
  now,
}: Forger): Readonly<Record<string, readonly string[]>> {
  const [head = '', body = '', tail = ''] = token.split('.')
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Readonly<Record<string, unknown>>
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Readonly<Record<string, unknown>>
  const publicJwk = publicKey.export({ format: 'jwk' })
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const foreignJwk = foreign.publicKey.export({ format: 'jwk' })
  const pem = String(publicKey.export({ type: 'spki', format: 'pem' }))

  /** Signed with our own key unless told: then only what it says can be wrong. */
  const forge = (part: { header?: object | string; claims?: object | string; key?: KeyObject }) => {
    const text = `${encode(part.header ?? header)}.${encode(part.claims ?? claims)}`
    const signature = sign('sha256', Buffer.from(text), { key: part.key ?? privateKey, dsaEncoding: 'ieee-p1363' })
    return `${text}.${lower(signature).toString('base64url')}`
  }
  const withHeader = (change: object) => forge({ header: { ...header, ...change } })
  const withClaims = (change: object) => forge({ claims: { ...claims, ...change } })
  const signature = Buffer.from(tail, 'base64url')
  const signedBy = (bytes: Uint8Array) => `${head}.${body}.${Buffer.from(bytes).toString('base64url')}`

  return {
    'no algorithm': ['none', 'None', 'NONE', 'nOnE', '', null, undefined].flatMap((alg) => {
      const text = `${encode({ ...header, alg })}.${body}`
      return [`${text}.`, text, `${text}.${tail}`]
    }),
    'HS256 with the public key as its secret': [
      pem,
      pem.trim(),
      publicKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify(publicJwk),
      publicJwk.x ?? '',
      '',
    ].map((secret) => {
      const text = `${encode({ ...header, alg: 'HS256' })}.${body}`
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
    }),
    'HS256 as a shared secret signs, with the public key for that': [
      pem,
      pem.trim(),
      publicKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify(publicJwk),
      publicJwk.x ?? '',
      String(header.kid),
      '',
    ].map((secret) => {
      const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${body}`
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
    }),
    'another algorithm': ['ES384', 'ES512', 'RS256', 'PS256', 'EdDSA', 'es256', 'ES256K', 'HS512', ['ES256']].map(
      (alg) => withHeader({ alg }),
    ),
    'the key of another instance': [
      forge({ key: foreign.privateKey }),
      forge({ key: foreign.privateKey, header: { ...header, kid: 'theirs' } }),
    ],
    'another kid, or none': [
      'x',
      '',
      '../../../../dev/null',
      '/dev/null',
      "' OR 1=1 --",
      "x' UNION SELECT 'key",
      '__proto__',
      'constructor',
      'http://127.0.0.1:9/key',
      `${String(header.kid)}\0`,
      ` ${String(header.kid)}`,
      null,
      0,
      {},
      [header.kid],
      undefined,
    ].map((kid) => withHeader({ kid })),
    'a key that it brings along, or a place to get one': [
      { jwk: foreignJwk },
      { jku: 'http://127.0.0.1:9/jwks.json' },
      { jku: 'https://evil.example/jwks.json' },
      { x5u: 'https://evil.example/x5u' },
      { x5c: ['MIIB'] },
      { x5t: 'x' },
      { 'x5t#S256': 'x' },
      { epk: foreignJwk },
    ].flatMap((change) => [
      forge({ key: foreign.privateKey, header: { ...header, ...change } }),
      forge({ key: foreign.privateKey, header: { alg: 'ES256', typ: 'JWT', ...change } }),
      withHeader(change),
    ]),
    'a header of which nothing is known here': [
      { crit: ['exp'] },
      { crit: ['b64'], b64: false },
      { crit: [] },
      { b64: false },
      { b64: true },
      { zip: 'DEF' },
      { cty: 'JWT' },
      { enc: 'A256GCM' },
      { iss: claims.iss },
    ].map(withHeader),
    'another type': ['at+jwt', 'jwt', 'JOSE', 'dpop+jwt', '', null, undefined].map((typ) => withHeader({ typ })),
    'another issuer': ['https://evil.example', `${String(claims.iss)}/`, '', null, [claims.iss], undefined].map((iss) =>
      withClaims({ iss }),
    ),
    'an audience, which is somebody else': ['https://evil.example', [], null, claims.iss].map((aud) =>
      withClaims({ aud }),
    ),
    'no subject, or another': ['', null, 1, {}, undefined, '00000000-0000-4000-8000-000000000000'].map((sub) =>
      withClaims({ sub }),
    ),
    'no session, or another': ['', null, 1, ['x'], undefined, '00000000-0000-4000-8000-000000000000'].map((sid) =>
      withClaims({ sid }),
    ),
    'no time at which it ends, or a wrong one': [
      undefined,
      null,
      'never',
      String(now + 99),
      -1,
      0,
      now - 1,
      now + 0.5,
      [],
      true,
    ]
      .map((exp) => withClaims({ exp }))
      .concat([forge({ claims: JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e999') })])
      .concat([withClaims({ exp: 2 ** 53 })]),
    'a time from which it holds': [now - 1, now + 3600, 'now'].map((nbf) => withClaims({ nbf })),
    'a time of making that is to come': [now + 600, now + 3600, 1e15, 'now', -1, undefined].map((iat) =>
      withClaims({ iat, exp: Math.max(Number(claims.exp), typeof iat === 'number' ? iat + 9 : 0) }),
    ),
    'another use': ['refresh-access', 'id', 'Access', '', null, undefined, ['access']].map((token_type) =>
      withClaims({ token_type }),
    ),
    'a name twice': [
      forge({ claims: JSON.stringify(claims).replace('{', `{"sub":"x",`) }),
      forge({ claims: JSON.stringify(claims).replace(/\}$/, `,"sub":${JSON.stringify(claims.sub)}}`) }),
      forge({ header: JSON.stringify(header).replace('{', '{"alg":"none",') }),
      forge({ header: JSON.stringify(header).replace(/\}$/, ',"alg":"ES256"}') }),
    ],
    'another spelling of the same JSON': [
      forge({ claims: JSON.stringify(claims, null, 1) }),
      forge({ claims: ` ${JSON.stringify(claims)}` }),
      forge({ claims: JSON.stringify(claims).replace('"sub"', '"\\u0073ub"') }),
      forge({ claims: `\ufeff${JSON.stringify(claims)}` }),
      forge({ header: `${JSON.stringify(header)}\n` }),
      forge({ header: JSON.stringify(header).replace('"ES256"', '"\\u0045S256"') }),
    ],
    'no object inside': ['[]', 'null', '"x"', '1', '{', '', '[{}]'].flatMap((text) => [
      forge({ claims: text }),
      forge({ header: text }),
    ]),
    'JSON inside JSON': [
      forge({ claims: { claims } }),
      forge({ claims: JSON.stringify(token) }),
      withClaims({ sub: { $ne: null } }),
      forge({ claims: `{"a":${'['.repeat(900)}${']'.repeat(900)}}` }),
    ],
    'a name that JavaScript knows': [
      forge({ claims: `{"__proto__":${JSON.stringify(claims)}}` }),
      forge({ claims: `{"constructor":{"prototype":${JSON.stringify(claims)}}}` }),
      forge({ header: `{"__proto__":${JSON.stringify(header)}}` }),
    ],
    'the other signature of two': [signedBy(mirror(signature))],
    'a signature in DER': [signedBy(sign('sha256', Buffer.from(`${head}.${body}`), privateKey))],
    'a signature of zeros, or out of range': [
      Buffer.alloc(64),
      Buffer.alloc(64, 255),
      Buffer.alloc(0),
      Buffer.concat([Buffer.alloc(32), signature.subarray(32)]),
      Buffer.concat([signature.subarray(0, 32), Buffer.alloc(32)]),
      Buffer.concat([toBytes(ORDER), toBytes(ORDER)]),
      Buffer.concat([signature, Buffer.alloc(1)]),
      signature.subarray(0, 63),
    ].map(signedBy),
    'other text, or none, under its signature': [
      `${head}.${encode({ ...claims, sub: 'x' })}.${tail}`,
      `${head}..${tail}`,
      `.${body}.${tail}`,
      `${body}.${head}.${tail}`,
    ],
    'another spelling of the same bytes': [
      ...['=', '=='].flatMap((pad) => [`${token}${pad}`, `${head}${pad}.${body}.${tail}`]),
      ...otherEnds(head).map((text) => `${text}.${body}.${tail}`),
      ...otherEnds(body).map((text) => `${head}.${text}.${tail}`),
      ...otherEnds(tail).map((text) => `${head}.${body}.${text}`),
      ...[token.replaceAll('-', '+').replaceAll('_', '/')].filter((text) => text !== token),
    ],
    'other letters': [token.toUpperCase(), token.toLowerCase()],
    'fewer or more parts': [
      `${head}.${body}`,
      `${head}.${body}.`,
      `${token}.`,
      `.${token}`,
      `${token}.${tail}`,
      `${token}.${token}`,
      head,
      '.',
      '..',
    ],
    'one character changed, more or fewer': [0, 5, head.length + 3, token.length - 9, token.length - 1].flatMap(
      (at) => [
        `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`,
        `${token.slice(0, at)}A${token.slice(at)}`,
        `${token.slice(0, at)}${token.slice(at + 1)}`,
      ],
    ),
    'characters that do not belong': [' ', '\t', '%20', '\\', '"', ',', ';', '\u00e9'].flatMap((text) => [
      `${token}${text}x`,
      `${token.slice(0, 30)}${text}${token.slice(30)}`,
    ]),
    'more text than any token has': [
      withClaims({ more: 'x'.repeat(5000) }),
      `${token}${'A'.repeat(9000)}`,
      'x'.repeat(9000),
    ],
    'five parts, as an encrypted one has': [
      `${encode({ alg: 'dir', enc: 'A256GCM' })}..${'A'.repeat(16)}.${body}.${'A'.repeat(22)}`,
      `${encode({ alg: 'ECDH-ES', enc: 'A128GCM', epk: foreignJwk })}..AAAA.${body}.AAAA`,
    ],
    'nothing of the kind': ['null', 'undefined', '{}', '0'.repeat(40), '0'.repeat(39), 'F'.repeat(40), 'a.b.c', '-'],
  }
}

/** A token signed with our own key, of other claims; for what is wrong with the session rather than the token. */
export function resign({ token, privateKey }: Pick<Forger, 'token' | 'privateKey'>, change: object): string {
  const [head = '', body = ''] = token.split('.')
  const text = `${head}.${encode({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), ...change })}`
  return `${text}.${lower(sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })).toString('base64url')}`
}

function encode(part: object | string): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}

/** Of the two signatures, the one that is ours. */
function lower(signature: Buffer): Buffer {
  const other = mirror(signature)
  return Buffer.compare(signature.subarray(32), other.subarray(32)) <= 0 ? signature : other
}

function mirror(signature: Buffer): Buffer {
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`)
  return Buffer.concat([signature.subarray(0, 32), toBytes(ORDER - s)])
}

function toBytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
}

/** The other spellings of base64url without padding: its last character has bits that no byte needs. */
function otherEnds(part: string): string[] {
  const bytes = Buffer.from(part, 'base64url')
  return [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
    .map((last) => part.slice(0, -1) + last)
    .filter((text) => text !== part && Buffer.from(text, 'base64url').equals(bytes))
}
