import { CONTRACT_LOGINS } from '../../kit/doors.ts'
import { send } from '../../kit/wire.ts'
import { defended, type Hole } from '../hole.ts'
import { ATTACKER, onApp, signUp, VICTIM } from '../scene.ts'

export const jsonDuplicateKeys: Hole = {
  name: 'A name that is in an object twice (CVE-2017-12635, CouchDB)',
  happened:
    'Of a repeated member one reader believed the first and the next the last: what was checked was not what was stored, and a user became an administrator.',
  stands: 'A repeated name is refused, at every depth and however it is escaped.',
  guards: [
    {
      file: 'http/json.ts',
      find: "  if (kept < members) throw malformed('a name occurs twice in one object')\n",
      replace: '',
    },
  ],
  attack: () =>
    onApp(async (test) => {
      await signUp(test)
      await signUp(test, ATTACKER)
      const headers = { 'content-type': 'application/json' }
      for (const { path, field } of CONTRACT_LOGINS) {
        for (const again of [field, `\\u00${field.charCodeAt(0).toString(16)}${field.slice(1)}`]) {
          const body = `{"${field}":"${VICTIM.email}","${again}":"${ATTACKER.email}","password":"${ATTACKER.password}"}`
          const { status } = await send(test, { method: 'POST', path, headers, body })
          defended(status === 400, `${path} takes ${body}`)
        }
      }
    }),
}
