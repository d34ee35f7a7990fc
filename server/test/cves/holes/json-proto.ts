import { REGISTRATIONS } from '../../kit/doors.ts'
import { send } from '../../kit/wire.ts'
import { defended, type Hole } from '../hole.ts'
import { onApp, VICTIM } from '../scene.ts'

export const jsonProto: Hole = {
  name: 'Prototype pollution (CVE-2019-10744, lodash, and many others)',
  happened:
    '`__proto__` in a body, once copied, changed what every object of the process says it has, or gave one object members that nobody checked.',
  stands:
    'Fields are looked up in a `Map`, by the names that a door knows; nothing is copied from a body into an object.',
  guards: [
    {
      file: 'manners/drf/body.ts',
      find: '    return new Map(Object.entries(value))\n',
      replace: `    const copy: Record<string, unknown> = {}
    for (const [name, member] of Object.entries(value)) copy[name] = member
    const names: string[] = []
    for (const name in copy) names.push(name)
    return new Map(names.map((name) => [name, copy[name]]))
`,
    },
  ],
  attack: () =>
    onApp(async (test) => {
      const headers = { 'content-type': 'application/json' }
      for (const { path, body } of REGISTRATIONS) {
        const fields = JSON.stringify({ ...body(VICTIM), is_staff: true })
        for (const hidden of [
          `{"__proto__":${fields}}`,
          `{"constructor":{"prototype":${fields}}}`,
          `{"\\u005f_proto__":${fields}}`,
        ]) {
          const { status } = await send(test, { method: 'POST', path, headers, body: hidden })
          defended(status === 400, `${path} reads fields from ${hidden.slice(0, 20)}`)
          defended(!('is_staff' in {}) && !('password' in {}), 'every object of the process has the members of a body')
        }
      }
    }),
}
