import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeDirectory } from '../../kit/server-process.ts'
import { defended, type Hole } from '../hole.ts'
import { asOwner, onApp, post, signInEverywhere, signUp } from '../scene.ts'

export const failOpenCheck: Hole = {
  name: 'An error that satisfies a check',
  happened:
    'A check that threw, or was skipped, was taken for one that had been passed, and what it should have kept out came in.',
  stands:
    'A token whose session cannot be looked up is refused with a 5xx until it can. Nothing in the way of a request turns an error into a yes.',
  guards: [
    {
      file: 'core/check-access.ts',
      find: '  const stored = await store.findSession(claims.sid)\n',
      replace: `  const client0 = { network: null, userAgent: '' }
  const session0 = { id: claims.sid, accountId: 1, kind: 'jwt', contract: '', createdAt: 0, expiresAt: claims.exp * 1000, client: client0 } as const
  const owner = await store.findAccount({ by: 'id', id: 1 })
  const stored = await store.findSession(claims.sid).catch(() => owner && { account: owner, session: session0, isCurrent: true })
`,
    },
  ],
  async attack() {
    const directory = makeDirectory()
    const file = join(directory, 'latchkey.db')
    await onApp(
      async (test) => {
        await signUp(test)
        const tokens = await signInEverywhere(test)
        const beside = new DatabaseSync(file)
        beside.exec('alter table sessions rename to sessions_away')
        beside.close()
        for (const token of tokens) {
          for (const path of ['/v1/session', '/api/users/user/']) {
            const { status } = await asOwner(test, token, { method: 'GET', path })
            defended(status >= 400, `${path} takes a token that could not be looked up`)
            assert.ok(status >= 500, `${path} answered ${status}`)
          }
          const { status } = await post(test, '/api/users/token/verify/', { token })
          defended(status >= 400, 'a token that could not be looked up is said to be good')
        }
      },
      { databaseUrl: `sqlite:${file}` },
    )
    rmSync(directory, { recursive: true })
  },
}
