import assert from 'node:assert/strict'
import { tokenOf } from '../../kit/doors.ts'
import { send } from '../../kit/wire.ts'
import { defended, type Hole } from '../hole.ts'
import { ATTACKER, onApp, signIn, signUp, VICTIM } from '../scene.ts'

export const betterAuthBodyIdentity: Hole = {
  name: 'CVE-2025-61928, Better Auth',
  happened:
    'A request without a session, but with a `userId` in its body, was treated as one of that user: anybody could make API keys for anybody.',
  stands: 'Who asks is known from the token alone. Doors read the fields that they name, and none names an account.',
  guards: [
    {
      file: 'contracts/drf-token/contract.ts',
      find: '  const authenticate = (request: Parameters<typeof requireAccess>[1]) => requireAccess(core, request)\n',
      replace: `  const authenticate = async (request: Parameters<typeof requireAccess>[1]) => {
    const named = request.body.length > 0 ? JSON.parse(request.body.toString()).userId : undefined
    const account = named === undefined ? null : await core.administration.findAccount(String(named))
    return account === null ? requireAccess(core, request) : { account, session: Object.create(null) }
  }
`,
    },
  ],
  attack: () =>
    onApp(async (test) => {
      const id = await signUp(test)
      await signUp(test, ATTACKER)
      const own = tokenOf(await signIn(test, { ...ATTACKER, contract: 'drf-token' }))
      const victim = await test.core.administration.findAccount(VICTIM.email)
      assert.ok(victim)
      const names = { userId: id, user_id: id, id, pk: id, user: id, account_id: id, sub: victim.subject }
      const json = { ...names, email: VICTIM.email, username: 'renamed', first_name: 'Evil', last_name: 'Evil' }
      for (const headers of [{}, { authorization: `Token ${own}` }]) {
        for (const method of ['PUT', 'PATCH']) {
          const path = `/api/users/user/?userId=${id}&user_id=${id}`
          const { status } = await send(test, { method, path, json, headers })
          defended(status !== 200 || 'authorization' in headers, 'a request without a token changed a profile')
          const now = await test.core.administration.findAccount(VICTIM.email)
          defended(now?.profile.firstName === victim.profile.firstName, 'an account was changed by naming it')
        }
      }
    }),
}
