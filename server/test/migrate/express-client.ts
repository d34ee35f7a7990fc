import type { Person } from '../kit/doors.ts'
import { createFrontEnd, type ScriptedClient } from './front-end.ts'

/** A front end of document 003. */
export function createExpressClient(baseUrl: string, { email, name, password }: Person): ScriptedClient {
  const { ask, heard } = createFrontEnd(baseUrl, { email })
  const tab = { token: '' }

  const register = (step: string) => ask(step, '/api/auth/register/', { json: { name, email, password } })
  const signIn = async (step: string, typed: string) => {
    const { status, json } = await ask(step, '/api/auth/login/', { json: { email, password: typed } })
    if (status === 200) tab.token = String(json.token)
  }
  const readNotes = (step: string) => ask(step, '/api/notes', { method: 'GET', authorization: `Bearer ${tab.token}` })

  return {
    heard,
    async begin() {
      const { json } = await register('signs up')
      tab.token = String(json.token)
      await readNotes('reads its notes')
    },
    async goOn() {
      await readNotes('reads its notes with the token it had')
      await register('signs up once more, by mistake')
      await signIn('mistypes the password', `${password}x`)
      await signIn('signs in with the old password', password)
      await readNotes('reads its notes with the new token')
      await signIn('signs in with the old password again', password)
      await readNotes('reads its notes again')
      await ask('sends an empty form', '/api/auth/login/', { json: {} })
      await ask('mistypes its address', '/api/auth/login/', { json: { email: 'wrong@format', password: '' } })
    },
  }
}
