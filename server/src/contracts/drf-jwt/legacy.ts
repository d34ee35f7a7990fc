import { isFilledText, isSuccess, type LegacyLogin, readShown } from '../../http/legacy-login.ts'

/** A login at an old server of documents 000 and 001: the name goes under `email` whichever it is. */
export const legacy: LegacyLogin = {
  path: '/user/login/',
  write: ({ identifier, password }) => ({ email: identifier, password }),
  read: (reply) => {
    const { status, body } = reply
    if (isSuccess(reply) && isFilledText(body.token)) return readShown(body, body.token)
    return status === 400 || status === 401 ? 'refused' : null
  },
}
