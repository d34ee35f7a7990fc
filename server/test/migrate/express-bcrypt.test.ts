import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { makePerson } from '../kit/doors.ts'
import { ask, makeDirectory, type ServerProcess, startServerProcess } from '../kit/server-process.ts'
import { createExpressClient } from './express-client.ts'
import { assertUnnoticed } from './front-end.ts'
import { type ExpressApp, makeExpressApp, type OldStack } from './old-stack.ts'
import { openPage, PAGE_URL, type Page } from './page.ts'
import { type Relay, startRelay } from './relay.ts'
import { type Site, startSite } from './start-site.ts'

describe('the page on moving from Express with bcrypt', () => {
  const directory = makeDirectory()
  let app: ExpressApp
  let old: OldStack
  let copy: OldStack
  let latchkey: ServerProcess
  let relay: Relay
  const sites: Site[] = []
  let page: Page

  const open = async (location: string) => {
    const site = await startSite(location, { latchkey: latchkey.url, old: old.url })
    sites.push(site)
    return site
  }

  before(async () => {
    app = makeExpressApp(directory)
    ;[old, copy] = await Promise.all([app.serve(), makeExpressApp(makeDirectory()).serve()])
    relay = await startRelay(old.url)
    page = openPage('docs/migrate/express-bcrypt.md', { directory, env: app.env, programs: app.programs })
  })
  after(async () => {
    latchkey?.terminate()
    await Promise.all([latchkey?.ended, old?.stop(), copy?.stop(), relay?.close(), ...sites.map((site) => site.stop())])
  })

  it('moves a front end that does not notice, and moves it back', async () => {
    const [ada, grace, mary] = ['ada', 'grace', 'mary'].map(makePerson)
    assert.ok(ada && grace && mary)
    const control = createExpressClient(copy.url, grace)
    const moved = createExpressClient(relay.url, ada)
    await control.begin()
    await control.goOn()
    for (const client of [moved, createExpressClient(relay.url, grace)]) await client.begin()

    await page.run('openssl')
    writeFileSync(join(directory, '.env'), page.take('ini'), { mode: 0o600 })
    await page.run('latchkey conform', { 'http://127.0.0.1:8080': copy.url })
    await page.run('--dry-run')
    await page.run('latchkey import rehearsal.json')
    latchkey = await startServerProcess({}, [], { directory })
    await page.run('latchkey doctor')

    const requireUser = page.take('js')
    const closed = await open(page.take('nginx'))
    relay.point(closed.url)
    assert.equal((await fetch(`${relay.url}/api/auth/login/`)).status, 503)
    await page.run('latchkey import last.json')
    await page.run('LATCHKEY_LEGACY_CUTOVER')
    latchkey.terminate()
    await Promise.all([latchkey.ended, old.stop()])
    latchkey = await startServerProcess({}, [], { directory })
    const own = join(directory, 'require-user.mjs')
    writeFileSync(own, requireUser.replace(PAGE_URL, latchkey.url))
    old = await app.serve()
    const site = await open(page.take('nginx'))
    relay.point(site.url)
    await closed.stop()
    page.visitAt(relay.url)
    await page.run('curl')

    await moved.goOn()
    assertUnnoticed(moved.heard, control.heard)
    const newcomer = createExpressClient(relay.url, mary)
    await newcomer.begin()
    assert.equal(newcomer.heard.at(-1)?.status, 200)

    await page.run('latchkey import status')
    await page.run('latchkey export')
    await old.stop()
    writeFileSync(join(directory, 'check-password.mjs'), page.take('js'))
    await page.run('mongoimport')
    old = await app.serve()
    relay.point(old.url)
    for (const { email, password } of [ada, grace, mary]) {
      const { status } = await ask(`${relay.url}/api/auth/login/`, { json: { email, password } })
      assert.equal(status, 200, email)
    }
    await page.run('sed -i')
    page.end()
  })
})
