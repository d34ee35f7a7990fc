import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

/** A key of a made-up issuer. */
export type FakeKey = {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}

/** An issuer that does what a real one cannot be made to do: it fails, stalls, lies, and counts what it is asked. */
export type FakeIssuer = {
  readonly url: string
  /** The keys that it publishes from now on. */
  keys: readonly JWK[]
  /** The headers that the keys go out with. */
  headers: Readonly<Record<string, string>>
  /** The metadata, `null` for none. */
  metadata: object | null
  /** How often each path was asked for. */
  readonly asked: Map<string, number>
  /** What `/introspect` answers to a token; `null` for nothing at all. */
  introspect: ((token: string) => object) | null
  /** What a token of this moment says of itself. */
  claims(): object
  /** Answers in place of all of it from now on; `null` ends that. */
  answer: RequestListener | null
  /** Signs claims as an access token that is good for five minutes. */
  sign(key: FakeKey, claims?: object, header?: object): Promise<string>
  close(): Promise<void>
}

/** Starts a server on loopback that publishes keys. */
export async function startFakeIssuer(): Promise<FakeIssuer> {
  const server = createServer((request, response) => handle(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const issuer: FakeIssuer = {
    url,
    keys: [],
    headers: { 'cache-control': 'public, max-age=300' },
    metadata: null,
    asked: new Map(),
    introspect: null,
    answer: null,
    claims() {
      const now = Math.floor(Date.now() / 1000)
      const own = { iss: url, sub: 'a-subject', sid: 'a-session', jti: 'a-token', token_type: 'access', user_id: 7 }
      return { ...own, iat: now, exp: now + 300 }
    },
    sign(key, claims = {}, header = {}) {
      return new SignJWT({ ...issuer.claims(), ...claims })
        .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header })
        .sign(key.privateKey)
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? ''
    issuer.asked.set(path, (issuer.asked.get(path) ?? 0) + 1)
    if (issuer.answer !== null) issuer.answer(request, response)
    else if (path === '/.well-known/jwks.json') write(response, { keys: issuer.keys }, issuer.headers)
    else if (path === '/.well-known/oauth-authorization-server' && issuer.metadata !== null) {
      write(response, issuer.metadata)
    } else if (path === '/introspect' && issuer.introspect !== null) {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const form = new URLSearchParams(Buffer.concat(chunks).toString())
      write(response, issuer.introspect(form.get('token') ?? ''))
    } else response.writeHead(404).end()
  }
  return issuer
}

/** Makes a key pair and the public half as it is published. */
export async function makeFakeKey(alg: 'ES256' | 'EdDSA' | 'RS256' = 'ES256'): Promise<FakeKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(jwk)
  return { kid, alg, privateKey, publicJwk: { ...jwk, kid, alg, use: 'sig' } }
}

function write(response: ServerResponse, json: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json))
}
