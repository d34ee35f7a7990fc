import { type AuthOptions, createAuthentication } from './authenticate.ts'
import type { Verifier } from './create-verifier.ts'
import type { Identity } from './identity.ts'

export type { AuthOptions } from './authenticate.ts'

/** What an app says of its variables: `new Hono<AuthEnv>()`. */
export type AuthEnv = { Variables: { auth: Identity } }

type Context = {
  readonly req: { header(name: string): string | undefined }
  set(key: 'auth', value: Identity): void
}

/** Middleware that lets whoever has a good token through, as `c.get('auth')`, and answers everybody else. */
export function requireAuth(
  verifier: Verifier,
  options: AuthOptions = {},
): (context: Context, next: () => Promise<void>) => Promise<Response | undefined> {
  const authenticate = createAuthentication(verifier, options)
  return async (context, next) => {
    const outcome = await authenticate(context.req.header('authorization'))
    if ('refusal' in outcome) {
      const { status, headers, body } = outcome.refusal
      return new Response(body, { status, headers })
    }
    if (outcome.identity !== null) context.set('auth', outcome.identity)
    await next()
    return undefined
  }
}
