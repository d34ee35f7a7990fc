import assert from 'node:assert/strict'
import type { Person } from '../kit/doors.ts'
import { createFrontEnd, type ScriptedClient } from './front-end.ts'

const NEW_PASSWORD = 'Another-1-password'

/** A front end of document 002, or of dj-rest-auth when its prefix is. */
export function createDrfTokenClient(baseUrl: string, person: Person, prefix = '/api/users'): ScriptedClient {
  const { email, username, firstName: first_name, lastName: last_name, password } = person
  const { ask, heard } = createFrontEnd(baseUrl, { email, username })
  const at = (path: string) => `${prefix}/${path}/`
  const tab = { key: '', pk: 0 }
  const signed = () => ({ authorization: `Token ${tab.key}` })

  const register = (step: string) =>
    ask(step, at('registration'), {
      json: { first_name, last_name, email, password1: password, password2: password },
    })
  const signIn = async (step: string, typed: string) => {
    const { status, json } = await ask(step, at('login'), { json: { email, password: typed } })
    if (status === 200) tab.key = String(json.key)
  }
  const readOneself = async (step: string) => {
    const { json } = await ask(step, at('user'), { method: 'GET', ...signed() })
    // Whatever the front end keeps under this number goes on being this person's.
    if (tab.pk !== 0) assert.equal(json.pk, tab.pk, step)
    tab.pk = Number(json.pk)
  }
  const readNotes = (step: string) => ask(step, '/api/notes/', { method: 'GET', ...signed() })

  return {
    heard,
    async begin() {
      await register('signs up')
      await signIn('signs in', password)
      await readOneself('reads itself')
      await readNotes('reads its notes')
    },
    async goOn() {
      await readOneself('reads itself with the key it had')
      await readNotes('reads its notes with the key it had')
      await register('signs up once more, by mistake')
      await signIn('mistypes the password', `${password}x`)
      await signIn('signs in with the old password', password)
      await readOneself('reads itself with the new key')
      await readNotes('reads its notes with the new key')
      await signIn('signs in with the old password again', password)
      await ask('changes its name', at('user'), { method: 'PATCH', json: { first_name: 'Augusta' }, ...signed() })
      await readOneself('reads its new name')
      const change = (old_password: string) => ({
        old_password,
        new_password1: NEW_PASSWORD,
        new_password2: NEW_PASSWORD,
      })
      await ask('changes its password, mistyped', at('password/change'), { json: change('wrong'), ...signed() })
      await ask('changes its password', at('password/change'), { json: change(password), ...signed() })
      await readOneself('reads itself after that')
      await signIn('tries the old password', password)
      await signIn('signs in with the new password', NEW_PASSWORD)
      await ask('signs out', at('logout'), signed())
      await ask('reads itself after signing out', at('user'), { method: 'GET', ...signed() })
      await ask('signs out without a key', at('logout'))
    },
  }
}
