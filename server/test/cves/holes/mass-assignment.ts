import assert from 'node:assert/strict'
import { makePerson, REGISTRATIONS, tokenOf } from '../../kit/doors.ts'
import { defended, type Hole } from '../hole.ts'
import { asOwner, onApp, post, signIn } from '../scene.ts'

const WISHES = {
  id: 999,
  pk: 999,
  subject: 'root',
  is_staff: true,
  is_superuser: true,
  isStaff: true,
  isAdmin: true,
  role: 'admin',
  roles: ['admin'],
  groups: [1],
  user_permissions: [1],
  email_verified: true,
  emailVerified: true,
  credential_version: 9,
  user: { is_staff: true },
  profile: { is_staff: true },
}

export const massAssignment: Hole = {
  name: 'Mass assignment (GitHub, 2012), and is_staff of documents 000 and 001',
  happened:
    'Whatever fields a request brought were written to the record. GitHub’s users could add keys to other projects so, and two of the documented APIs let a registration send `is_staff`.',
  stands:
    'Doors read the fields that they name. `is_staff` is read, noted in the audit log as ignored, and granted by the operator alone.',
  guards: [
    {
      file: 'core/register.ts',
      find: '    isStaff: false,\n',
      replace: '    isStaff: registration.wantsStaff === true,\n',
    },
  ],
  attack: () =>
    onApp(async (test) => {
      for (const [index, door] of REGISTRATIONS.entries()) {
        const person = makePerson(`wisher-${index}`)
        const wished = await post(test, door.path, { ...WISHES, ...door.body(person) })
        const answer = door.isStrict ? await post(test, door.path, door.body(person)) : wished
        defended(!door.isStrict || wished.status === 400, `${door.path} reads past what it does not know`)
        assert.equal(answer.status, door.created, answer.text)
        const name = door.gives.email ? person.email : person.username
        if (door.gives.email) {
          const token = tokenOf(await signIn(test, { ...person, contract: 'drf-token' }))
          for (const method of ['PUT', 'PATCH']) {
            const json = { ...WISHES, username: `renamed-${index}`, first_name: 'A', last_name: 'B' }
            assert.equal((await asOwner(test, token, { method, path: '/api/users/user/', json })).status, 200)
          }
        }
        const account = await test.core.administration.findAccount(name)
        assert.ok(account)
        const { isStaff, emailVerified, id, isActive } = account
        defended(!isStaff, `${door.path} made somebody staff`)
        defended(!emailVerified && id !== 999 && isActive, `${door.path} let a request choose what it is not asked for`)
      }
    }),
}
