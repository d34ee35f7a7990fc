import { type AuthOptions, createAuthentication } from './authenticate.ts'
import type { Verifier } from './create-verifier.ts'
import type { Identity } from './identity.ts'

export { authOf } from './auth-of.ts'
export type { AuthOptions } from './authenticate.ts'

/** A request of Express, or of anything that has middleware like it. */
type Request = { readonly headers: { readonly authorization?: string | undefined }; auth?: Identity | null }

type Response = {
  writeHead(status: number, headers: Record<string, string>): { end(body: string): unknown }
}

/** Middleware that lets whoever has a good token through, as `req.auth`, and answers everybody else. */
export function requireAuth(
  verifier: Verifier,
  options: AuthOptions = {},
): (request: Request, response: Response, next: (error?: unknown) => void) => Promise<void> {
  const authenticate = createAuthentication(verifier, options)
  return async (request, response, next) => {
    try {
      const outcome = await authenticate(request.headers.authorization)
      if ('refusal' in outcome) {
        const { status, headers, body } = outcome.refusal
        response.writeHead(status, { ...headers }).end(body)
        return
      }
      request.auth = outcome.identity
    } catch (error) {
      next(error)
      return
    }
    next()
  }
}
