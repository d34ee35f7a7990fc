import { isFilledText, isRecord, isSuccess, type LegacyLogin, readShown } from '../../http/legacy-login.ts'

/** What Express apps answer a login that they refuse: the document's 400, and what others take for it. */
const REFUSALS = [200, 400, 401, 403, 404, 422]

/** How the document words it that a user exists. */
const WRONG_PASSWORD = 'user password incorrect'

/** A login at an old server of document 003. Refusals say so in the body: a 404 of a wrong address does not. */
export const legacy: LegacyLogin = {
  path: '/api/auth/login/',
  write: ({ identifier, password }) => ({ email: identifier, password }),
  read: (reply, { identifier }) => {
    const { status, body } = reply
    if (isSuccess(reply) && body.status !== 'fail' && isFilledText(body.token)) {
      return { ...readShown(body, body.token), email: identifier }
    }
    const saysSo = body.status === 'fail' || body.success === false || isRecord(body.errors)
    if (!REFUSALS.includes(status) || !saysSo) return null
    const main = isRecord(body.errors) ? body.errors.main : null
    return isRecord(main) && main.msg === WRONG_PASSWORD ? 'wrong_password' : 'refused'
  },
}
