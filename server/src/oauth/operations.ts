import {
  challenge,
  type DoorDescription,
  exactly,
  headOf,
  type Operation,
  RETRY_AFTER,
  type Reply,
  type Schema,
} from '../http/operation.ts'

const FORM_ONLY = ['application/x-www-form-urlencoded']
const TEXT: Schema = { type: 'string' }
const TEXTS: Schema = { type: 'array', items: TEXT }
const URL: Schema = { type: 'string', format: 'uri' }

const ERROR: Schema = {
  title: 'OauthError',
  type: 'object',
  properties: {
    error: {
      type: 'string',
      enum: [
        'invalid_request',
        'invalid_client',
        'unauthorized_client',
        'invalid_grant',
        'temporarily_unavailable',
        'server_error',
      ],
    },
    error_description: TEXT,
  },
  required: ['error', 'error_description'],
  additionalProperties: false,
}

const TOKEN_FORM: Schema = {
  title: 'TokenForm',
  type: 'object',
  properties: {
    token: { type: 'string', minLength: 1, description: 'Any token or key, of any contract.' },
    token_type_hint: { type: 'string', description: 'Not needed, but to introspect a refresh token: `refresh_token`.' },
    client_id: { type: 'string', description: 'Where the credentials are not sent as Basic.' },
    client_secret: { type: 'string', format: 'password' },
  },
  required: ['token'],
}

const INTROSPECTION: Schema = {
  title: 'Introspection',
  description: 'Anything that is no live token is `{"active": false}`, and nothing more.',
  type: 'object',
  properties: {
    active: { type: 'boolean' },
    token_type: {
      enum: ['Bearer', 'refresh_token'],
      description: 'A refresh token opens nothing: whoever guards something takes `Bearer` alone.',
    },
    sub: { type: 'string', format: 'uuid' },
    sid: { type: 'string', format: 'uuid', description: 'The session.' },
    iss: URL,
    exp: { type: 'integer', description: 'Seconds since 1970.' },
    iat: { type: 'integer', description: 'Seconds since 1970.' },
    client_id: { type: 'string', description: 'The door through which the session was opened.' },
    aud: TEXT,
    jti: TEXT,
    username: TEXT,
    email: TEXT,
    user_id: { type: 'integer' },
    is_staff: { type: 'boolean' },
  },
  required: ['active'],
  additionalProperties: false,
}

const ALIVE = {
  active: true,
  token_type: 'Bearer',
  sub: '6f1c8a52-3c4e-4b57-9a1d-2f0e5b7c9d31',
  sid: '0d9f7f0a-5d0b-4f65-8f0e-6d1c1b5e7a44',
  iss: 'https://id.example.com',
  exp: 1_795_254_060,
  iat: 1_795_253_760,
  client_id: 'v1',
  aud: 'https://id.example.com',
  jti: '5b0c1e0f7f5e4b0f9f0d6f2f3c1a9b77',
  username: 'ada',
  email: 'ada@example.com',
  user_id: 42,
  is_staff: false,
}

const METADATA: Schema = exactly(
  {
    issuer: URL,
    jwks_uri: URL,
    response_types_supported: TEXTS,
    grant_types_supported: TEXTS,
    introspection_endpoint: URL,
    introspection_endpoint_auth_methods_supported: TEXTS,
    revocation_endpoint: URL,
    revocation_endpoint_auth_methods_supported: TEXTS,
  },
  'ServerMetadata',
)

const JWKS: Schema = exactly(
  {
    keys: {
      type: 'array',
      items: {
        title: 'PublicKey',
        type: 'object',
        properties: {
          kty: { enum: ['EC', 'OKP', 'RSA'] },
          kid: { type: 'string', description: 'What the header of a token names.' },
          use: { const: 'sig' },
          alg: { enum: ['ES256', 'EdDSA', 'Ed25519', 'RS256'] },
        },
        required: ['kty', 'kid', 'use', 'alg'],
      },
    },
  },
  'KeySet',
)

const REFUSALS = {
  400: refusal('OauthInvalidRequest', 'The request is not right; `error_description` says how.'),
  401: refusal('OauthInvalidClient', 'No registered service has these credentials.', [
    challenge('Basic realm="latchkey"'),
  ]),
  413: refusal('OauthTooLarge', 'The body is too large.'),
  415: refusal('OauthUnsupportedMediaType', 'A content type that is not read here.'),
  500: refusal('OauthServerError', 'Something went wrong here; it has been logged.'),
  503: refusal('OauthUnavailable', 'This cannot be told just now.', [RETRY_AFTER]),
}

const introspect: Operation = {
  summary: 'Introspect a token',
  description: 'Whether a text is a live token, and whose (RFC 7662).',
  credentials: 'service',
  request: {
    schema: TOKEN_FORM,
    contentTypes: FORM_ONLY,
    examples: { 'asking about a token': { token: '{{access}}' } },
  },
  replies: {
    200: {
      description: 'What there is to say of it.',
      schema: INTROSPECTION,
      examples: { 'an access token that is alive': ALIVE, 'anything that is no live token': { active: false } },
    },
    ...REFUSALS,
  },
}

const revoke: Operation = {
  summary: 'Revoke a token',
  description:
    'Ends the session of a token, and so every token of that login (RFC 7009). What is no token is answered alike. For services that were registered with `--may-revoke`.',
  credentials: 'service',
  request: { schema: TOKEN_FORM, contentTypes: FORM_ONLY },
  replies: { 200: { description: 'It is no live token now. There is no body.' }, ...REFUSALS },
}

const CACHED = { 304: { description: 'Nothing has changed since the `ETag` of `If-None-Match`.' } }

const metadata: Operation = {
  summary: 'Where the endpoints are',
  description: 'Authorization-server metadata (RFC 8414): what there is, and nothing else.',
  replies: { 200: { description: 'The metadata.', schema: METADATA }, ...CACHED },
}

const jwks: Operation = {
  summary: 'The public keys of tokens',
  description:
    'A JSON Web Key Set (RFC 7517). A key is in it before it is first used, and as long as a token of it lives.',
  replies: { 200: { description: 'The keys.', schema: JWKS }, ...CACHED },
}

/** What the standards' door offers. */
export function describeOauth(): DoorDescription {
  return {
    name: 'oauth',
    description:
      'For your own services: keys to check tokens with, introspection (RFC 7662), revocation (RFC 7009) and metadata (RFC 8414).',
    operations: {
      '/v1/introspect': { POST: introspect },
      '/v1/revoke': { POST: revoke },
      '/.well-known/jwks.json': { GET: jwks, HEAD: headOf(jwks) },
      '/.well-known/oauth-authorization-server': { GET: metadata, HEAD: headOf(metadata) },
    },
  }
}

function refusal(name: string, description: string, headers: Reply['headers'] = []): Reply {
  return { name, description, schema: ERROR, headers }
}
