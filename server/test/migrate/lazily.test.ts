import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { makePerson, type Person } from '../kit/doors.ts'
import { ask, makeDirectory, type ServerProcess, startServerProcess } from '../kit/server-process.ts'
import { createDrfTokenClient } from './drf-token-client.ts'
import { type DjangoProject, makeDjangoProject, type OldStack } from './old-stack.ts'
import { openPage, type Page, readBlock } from './page.ts'

describe('moving in without an import, as the overview has it', () => {
  const directory = makeDirectory()
  const [ada, grace] = [makePerson('ada'), makePerson('grace')]
  let project: DjangoProject
  let old: OldStack
  let latchkey: ServerProcess
  let page: Page
  const signIn = ({ email, password }: Person) => ask(`${latchkey.url}/api/users/login/`, { json: { email, password } })

  before(async () => {
    project = await makeDjangoProject('drf_token', directory)
    old = await project.serve()
    page = openPage('docs/migrate/README.md', { directory, env: project.env, programs: {} })
    const settings = readBlock('docs/migrate/django-drf-token.md', 'ini')
    const own = page.take('ini').replace('http://127.0.0.1:8080', old.url)
    assert.ok(own.includes(old.url))
    writeFileSync(join(directory, '.env'), settings + own, { mode: 0o600 })
    writeFileSync(join(directory, 'latchkey.secret'), 'only-tests-have-this-secret-0123456789abcdef', { mode: 0o600 })
    for (const person of [ada, grace]) await createDrfTokenClient(old.url, person).begin()
    latchkey = await startServerProcess({}, [], { directory })
  })
  after(async () => {
    latchkey?.terminate()
    await Promise.all([latchkey?.ended, old?.stop()])
  })

  it('signs in whoever the old back end knows, and no longer needs it for them once they came by', async () => {
    const refused = { non_field_errors: ['Unable to log in with provided credentials.'] }
    const mistyped = await signIn({ ...ada, password: `${ada.password}x` })
    assert.deepEqual([mistyped.status, mistyped.json], [400, refused])
    const { status, json } = await signIn(ada)
    assert.equal(status, 200)
    const { key } = json as { key: string }
    const headers = { authorization: `Token ${key}` }
    const self = await (await fetch(`${latchkey.url}/api/users/user/`, { headers })).json()
    assert.partialDeepStrictEqual(self, { email: ada.email })
    await page.run('latchkey import status')
    page.end()

    await old.stop()
    assert.equal((await signIn(ada)).status, 200)
    const away = await signIn(grace)
    assert.deepEqual([away.status, away.json], [400, refused])

    latchkey.terminate()
    await latchkey.ended
    const settings = readBlock('docs/migrate/django-drf-token.md', 'ini')
    writeFileSync(join(directory, '.env'), settings, { mode: 0o600 })
    latchkey = await startServerProcess({}, [], { directory })
    assert.equal((await signIn(ada)).status, 200)
  })
})
