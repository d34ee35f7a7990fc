import { AuthError } from './errors.ts'
import type { Ports } from './ports.ts'
import type { Access } from './session.ts'

/**
 * Ends a session, and with it every token it has, everywhere. Of concurrent callers exactly one succeeds.
 *
 * @throws {AuthError} `invalid_access_token` when somebody else ended it first.
 */
export async function endSession({ store }: Pick<Ports, 'store'>, { session }: Access): Promise<void> {
  if (!(await store.endSession(session.id))) throw new AuthError('invalid_access_token')
}
