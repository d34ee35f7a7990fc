import { type AuthOptions, createAuthentication } from './authenticate.ts'
import type { Verifier } from './create-verifier.ts'
import type { Identity } from './identity.ts'

export { authOf } from './auth-of.ts'
export type { AuthOptions } from './authenticate.ts'

type Request = { readonly headers: { readonly authorization?: string | undefined }; auth?: Identity | null }

type Reply = { code(status: number): Reply; headers(values: Record<string, string>): Reply; send(body: string): Reply }

type Hook = (request: Request, reply: Reply) => Promise<Reply | undefined>

type Fastify = {
  hasRequestDecorator(name: string): boolean
  decorateRequest(name: 'auth', value: null): unknown
  addHook(name: 'onRequest', hook: Hook): unknown
}

/** A hook for single routes: `{ onRequest: requireAuth(verifier) }`. It sets `request.auth`. */
export function requireAuth(verifier: Verifier, options: AuthOptions = {}): Hook {
  const authenticate = createAuthentication(verifier, options)
  return async (request, reply) => {
    const outcome = await authenticate(request.headers.authorization)
    if (!('refusal' in outcome)) {
      request.auth = outcome.identity
      return undefined
    }
    const { status, headers, body } = outcome.refusal
    return reply
      .code(status)
      .headers({ ...headers })
      .send(body)
  }
}

/**
 * A plugin that guards every route beside it, and below: register it in the scope whose routes it shall guard, before
 * them. It sets `request.auth`.
 */
export function authPlugin(verifier: Verifier, options: AuthOptions = {}): (fastify: Fastify) => Promise<void> {
  const hook = requireAuth(verifier, options)
  const plugin = async (fastify: Fastify) => {
    if (!fastify.hasRequestDecorator('auth')) fastify.decorateRequest('auth', null)
    fastify.addHook('onRequest', hook)
  }
  // Fastify's own sign that a plugin works where it is registered, rather than in a scope of its own that has no routes.
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true })
}
