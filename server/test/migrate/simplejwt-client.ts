import type { Person } from '../kit/doors.ts'
import { createFrontEnd, type ScriptedClient } from './front-end.ts'

/** A front end of document 004. */
export function createSimpleJwtClient(baseUrl: string, { username, password }: Person): ScriptedClient {
  const { ask, heard } = createFrontEnd(baseUrl, { username })
  const tab = { access: '', refresh: '' }
  const at = (path: string) => `/api/users/${path}/`

  const signIn = async (step: string, typed: string) => {
    const { status, json } = await ask(step, at('login'), { json: { username, password: typed } })
    if (status === 200) Object.assign(tab, { access: String(json.access), refresh: String(json.refresh) })
  }
  const refresh = async (step: string) => {
    const { status, json } = await ask(step, at('token/refresh'), { json: { refresh: tab.refresh } })
    if (status === 200) tab.access = String(json.access)
  }
  const verify = (step: string) => ask(step, at('token/verify'), { json: { token: tab.access } })
  const readNotes = (step: string) => ask(step, '/api/notes/', { method: 'GET', authorization: `Bearer ${tab.access}` })

  return {
    heard,
    async begin() {
      await ask('signs up', at('register'), { json: { username, password } })
      await signIn('signs in', password)
      await verify('verifies its access token')
      await readNotes('reads its notes')
    },
    async goOn() {
      await verify('verifies the access token it had')
      await readNotes('reads its notes with the access token it had')
      await refresh('refreshes with the refresh token it had')
      await verify('verifies the access token that this gave')
      await readNotes('reads its notes with that')
      await ask('signs up once more, by mistake', at('register'), { json: { username, password } })
      await signIn('mistypes the password', `${password}x`)
      await signIn('signs in with the old password', password)
      await refresh('refreshes')
      await readNotes('reads its notes')
      await signIn('signs in with the old password again', password)
      await ask('signs out', at('logout'), { authorization: `Bearer ${tab.access}` })
      await refresh('refreshes after signing out')
      await ask('signs out without a token', at('logout'))
      await ask('refreshes with nonsense', at('token/refresh'), { json: { refresh: 'nonsense' } })
      await ask('refreshes with nothing', at('token/refresh'), { json: {} })
    },
  }
}
