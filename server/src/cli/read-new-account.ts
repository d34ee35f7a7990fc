import { AuthError, type Problem, type ProblemRule } from '../core/errors.ts'
import type { Registration } from '../core/register.ts'
import { countCodePoints } from '../core/text.ts'

/** What an operator said of a new account; what was not said is absent. */
export type NewAccountWords = {
  readonly email: string | undefined
  readonly username: string | undefined
  readonly name: string | undefined
  readonly firstName: string | undefined
  readonly lastName: string | undefined
  readonly phoneNumber: string | undefined
}

/**
 * Checks what an operator said of a new account by the strictest of the contracts, so that every door can serve it.
 *
 * @throws {AuthError} `invalid_input` with every problem.
 */
export function readNewAccount(words: NewAccountWords): Registration {
  const problems: Problem[] = []
  const email = read('email', words.email, { limit: 254, shape: /^[^\s@]+@[^\s@]+$/u, rule: 'invalid_email' })
  const username = read('username', words.username, {
    limit: 150,
    shape: /^[\p{L}\p{N}_.@+-]+$/u,
    rule: 'invalid_username',
  })
  const phone = { limit: 30, shape: /^\+?1?\p{Nd}{9,15}$/u, rule: 'invalid_phone_number' } as const
  const profile = {
    name: read('name', words.name, { limit: 255 }) ?? '',
    firstName: read('first_name', words.firstName, { limit: 150 }) ?? '',
    lastName: read('last_name', words.lastName, { limit: 150 }) ?? '',
    phoneNumber: read('phone_number', words.phoneNumber, phone) ?? '',
  }
  if (problems.length > 0) throw new AuthError('invalid_input', { problems })
  return { email, username, profile }

  function read(
    field: string,
    given: string | undefined,
    { limit, shape, rule }: { limit: number; shape?: RegExp; rule?: ProblemRule },
  ): string | undefined {
    const text = given?.trim()
    if (text === undefined) return undefined
    if (text === '') problems.push({ field, rule: 'blank' })
    else if (countCodePoints(text) > limit) problems.push({ field, rule: 'too_long', limit })
    else if (shape !== undefined && rule !== undefined && !shape.test(text)) problems.push({ field, rule })
    return text
  }
}
