import { isFilledText, isSuccess, type LegacyLogin, readShown } from '../../http/legacy-login.ts'

/**
 * A login at an old server of document 002. `token` is what DRF's own view calls the key; dj-rest-auth can be told to
 * show the user beside it.
 */
export const legacy: LegacyLogin = {
  path: '/api/users/login/',
  write: ({ identifier, password }) => ({ email: identifier, password }),
  read: (reply, { identifier }) => {
    const { status, body } = reply
    const isKey = isFilledText(body.key) || isFilledText(body.token) || isFilledText(body.access)
    if (isSuccess(reply) && isKey) return { ...readShown(body, body.access), email: identifier }
    return status === 400 || status === 401 ? 'refused' : null
  },
}
