import {
  type ClientEvent,
  ContractError,
  type createDrfJwtClient,
  type createDrfTokenClient,
  type createExpressJwtClient,
  type createLatchkeyClient,
  type createSimpleJwtClient,
} from '../src/index.ts'

/** What the types promise; `npm run check` reads it, and nobody runs it. */
export async function promises(
  drfJwt: ReturnType<typeof createDrfJwtClient>,
  drfToken: ReturnType<typeof createDrfTokenClient>,
  expressJwt: ReturnType<typeof createExpressJwtClient>,
  simpleJwt: ReturnType<typeof createSimpleJwtClient>,
  latchkey: ReturnType<typeof createLatchkeyClient>,
  error: unknown,
): Promise<readonly unknown[]> {
  const password = 'a password'
  // @ts-expect-error document 004 has usernames
  await simpleJwt.login({ email: 'jane@example.com', password })
  // @ts-expect-error document 002 takes the email, and only that
  await drfToken.login({ username: 'jane', password })
  // @ts-expect-error document 002 wants the password twice
  await drfToken.register({ first_name: 'Jane', last_name: 'Doe', email: 'jane@example.com', password1: password })
  // @ts-expect-error documents 000 and 001 want a name to log in with
  await drfJwt.login({ password })
  // @ts-expect-error document 003 wants a name
  await expressJwt.register({ email: 'jane@example.com', password })
  // @ts-expect-error an account of /v1 has an email address or a username
  await latchkey.register({ password })
  // @ts-expect-error /v1 refuses members that it does not know
  await latchkey.register({ username: 'jane', password, is_staff: true })
  // @ts-expect-error document 003 has no refresh tokens
  await expressJwt.refresh()
  // @ts-expect-error /v1 has no place of its own
  const options: Parameters<typeof createLatchkeyClient>[0] = { url: 'https://auth.example.com', ownPlace: true }
  // @ts-expect-error a reason comes with the end alone
  const event: ClientEvent = { type: 'signed-in', reason: 'logout' }

  const shown: (string | undefined)[] = []
  if (drfJwt.isError(error)) shown.push(error.body?.phone_number?.[0], error.body?.detail)
  if (expressJwt.isError(error)) shown.push(error.body?.errors.email?.msg)
  if (latchkey.isError(error)) shown.push(error.body?.errors?.[0]?.code)
  if (simpleJwt.isError(error)) {
    // @ts-expect-error document 004 knows no such field
    shown.push(error.body?.phone_number?.[0])
  }
  if (error instanceof ContractError) shown.push(error.fieldErrors.email?.[0])
  const token: string = (await expressJwt.login({ email: 'jane@example.com', password })).token
  const id: number = (await drfToken.user()).pk
  return [options, event, shown, token, id]
}
