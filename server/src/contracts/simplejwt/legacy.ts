import { isFilledText, isSuccess, type LegacyLogin, readShown } from '../../http/legacy-login.ts'

/** A login at an old server of document 004. Its token tells the account's number; the name that was typed is the username. */
export const legacy: LegacyLogin = {
  path: '/api/users/login/',
  write: ({ identifier, password }) => ({ username: identifier, password }),
  read: (reply, { identifier }) => {
    const { status, body } = reply
    const isPair = isFilledText(body.access) && isFilledText(body.refresh)
    if (isSuccess(reply) && isPair) return { ...readShown(body, body.access), username: identifier }
    return status === 400 || status === 401 ? 'refused' : null
  },
}
