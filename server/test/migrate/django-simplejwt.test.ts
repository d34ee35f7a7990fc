import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { makePerson } from '../kit/doors.ts'
import { findDjango } from '../kit/python.ts'
import { ask, makeDirectory, type ServerProcess, startServerProcess } from '../kit/server-process.ts'
import { assertUnnoticed } from './front-end.ts'
import { type DjangoProject, LIGHT, makeDjangoProject, type OldStack } from './old-stack.ts'
import { openPage, type Page } from './page.ts'
import { type Relay, startRelay } from './relay.ts'
import { createSimpleJwtClient } from './simplejwt-client.ts'
import { type Site, startSite } from './start-site.ts'

/** What the page itself says is not the same. */
const KNOWN = {
  'refreshes after signing out': ['Token is blacklisted', 'Token is invalid or expired'],
} as const

describe('the page on moving from Django with SimpleJWT', () => {
  const directory = makeDirectory()
  let project: DjangoProject
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
    project = await makeDjangoProject('simplejwt', directory)
    const staging = await makeDjangoProject('simplejwt', makeDirectory(), LIGHT)
    ;[old, copy] = await Promise.all([project.serve(), staging.serve()])
    relay = await startRelay(old.url)
    page = openPage('docs/migrate/django-simplejwt.md', {
      directory,
      env: project.env,
      programs: { python: [findDjango()] },
    })
  })
  after(async () => {
    latchkey?.terminate()
    await Promise.all([latchkey?.ended, old?.stop(), copy?.stop(), relay?.close(), ...sites.map((site) => site.stop())])
  })

  it('moves a front end that does not notice, and moves it back', async () => {
    const [ada, grace, mary] = ['ada', 'grace', 'mary'].map(makePerson)
    assert.ok(ada && grace && mary)
    const control = createSimpleJwtClient(copy.url, grace)
    const moved = createSimpleJwtClient(relay.url, ada)
    await control.begin()
    await control.goOn()
    for (const client of [moved, createSimpleJwtClient(relay.url, grace)]) await client.begin()
    await project.run('get_user_model().objects.create_superuser("boss")')

    await page.run('openssl')
    writeFileSync(join(directory, '.env'), page.take('ini'), { mode: 0o600 })
    await page.run('latchkey conform', { 'http://127.0.0.1:8080': copy.url })
    await page.run('--dry-run')
    await page.run('latchkey import rehearsal.json')
    latchkey = await startServerProcess({}, [], { directory })
    await page.run('latchkey doctor')

    const closed = await open(page.take('nginx'))
    relay.point(closed.url)
    assert.equal((await fetch(`${relay.url}/api/users/login/`)).status, 503)
    await page.run('latchkey import last.json')
    await page.run('LATCHKEY_LEGACY_CUTOVER')
    latchkey.terminate()
    await latchkey.ended
    latchkey = await startServerProcess({}, [], { directory })
    const location = page.take('nginx')
    let site = await open(location)
    relay.point(site.url)
    await closed.stop()
    page.visitAt(relay.url)
    await page.run('curl')

    await moved.goOn()
    assertUnnoticed(moved.heard, control.heard, KNOWN)

    await old.stop()
    writeFileSync(join(directory, 'latchkey_authentication.py'), page.take('python'))
    writeFileSync(join(directory, 'settings/switched.py'), SWITCHED)
    old = await project.serve('switched')
    await site.stop()
    site = await open(location)
    relay.point(site.url)
    const newcomer = createSimpleJwtClient(relay.url, mary)
    await newcomer.begin()
    assert.equal(newcomer.heard.at(-1)?.status, 200)
    const begun = newcomer.heard.length

    await page.run('latchkey import status')
    await page.run('latchkey export')
    await page.run('loaddata')
    relay.point(old.url)
    // Who came by while Latchkey was there has its tokens, and does not notice either.
    await newcomer.goOn()
    assertUnnoticed(newcomer.heard.slice(begun), control.heard.slice(begun))
    const { status } = await ask(`${relay.url}/api/users/login/`, {
      json: { username: ada.username, password: ada.password },
    })
    assert.equal(status, 200)
    const flags = 'print(list(get_user_model().objects.filter(is_superuser=True).values_list("username", "is_staff")))'
    const admins = await project.run(`${flags}`)
    assert.equal(admins, "[('boss', True)]\n")
    await page.run('sed -i')
    page.end()
  })
})

const SWITCHED = `
from settings.simplejwt import *
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["latchkey_authentication.LatchkeyAuthentication"]}
`
