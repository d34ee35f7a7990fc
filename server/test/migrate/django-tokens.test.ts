import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { makePerson } from '../kit/doors.ts'
import { findDjango } from '../kit/python.ts'
import { ask, makeDirectory, type ServerProcess, startServerProcess } from '../kit/server-process.ts'
import { createDrfTokenClient } from './drf-token-client.ts'
import { assertUnnoticed } from './front-end.ts'
import { type DjangoProject, LIGHT, makeDjangoProject, type OldStack } from './old-stack.ts'
import { openPage, PAGE_URL, type Page, readBlock } from './page.ts'
import { type Relay, startRelay } from './relay.ts'
import { type Site, startSite } from './start-site.ts'

const USERS = 'get_user_model().objects'

/** Where a page's class for the project's own views stands. */
const CLASS_PAGE = 'docs/migrate/django-drf-token.md'

const MOVES = [
  {
    stack: 'Django REST Framework’s tokens',
    page: CLASS_PAGE,
    settings: 'drf_token',
    prefix: '/api/users',
    admin: '{"email": "boss@example.com"}',
  },
  {
    // The package is not among Debian's: views stand in for it that answer as its documentation says.
    stack: 'dj-rest-auth',
    page: 'docs/migrate/dj-rest-auth.md',
    settings: 'dj_rest_auth',
    prefix: '/dj-rest-auth',
    admin: '{"username": "boss", "email": "boss@example.com"}',
  },
] as const

for (const { stack, page: path, settings, prefix, admin } of MOVES) {
  describe(`the page on moving from ${stack}`, () => {
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
      project = await makeDjangoProject(settings, directory)
      const staging = await makeDjangoProject(settings, makeDirectory(), LIGHT)
      ;[old, copy] = await Promise.all([project.serve(), staging.serve()])
      relay = await startRelay(old.url)
      page = openPage(path, { directory, env: project.env, programs: { python: [findDjango()] } })
    })
    after(async () => {
      latchkey?.terminate()
      await Promise.all([
        latchkey?.ended,
        old?.stop(),
        copy?.stop(),
        relay?.close(),
        ...sites.map((site) => site.stop()),
      ])
    })

    it('moves a front end that does not notice, and moves it back', async () => {
      const [ada, grace, mary] = ['ada', 'grace', 'mary'].map(makePerson)
      assert.ok(ada && grace && mary)
      await project.run(makeAdmin(admin))
      const control = createDrfTokenClient(copy.url, grace, prefix)
      const moved = createDrfTokenClient(relay.url, ada, prefix)
      await control.begin()
      await control.goOn()
      for (const client of [moved, createDrfTokenClient(relay.url, grace, prefix)]) await client.begin()

      await page.run('openssl')
      writeFileSync(join(directory, '.env'), page.take('ini'), { mode: 0o600 })
      if (path === CLASS_PAGE) await page.run('latchkey conform', { 'http://127.0.0.1:8080': copy.url })
      await page.run('--dry-run')
      await page.run('latchkey import rehearsal.json')
      latchkey = await startServerProcess({}, [], { directory })
      await page.run('latchkey doctor')

      const ownClass = path === CLASS_PAGE ? page.take('python') : readBlock(CLASS_PAGE, 'python')
      const closed = await open(page.take('nginx'))
      relay.point(closed.url)
      assert.equal((await fetch(`${relay.url}${prefix}/login/`)).status, 503)
      await page.run('latchkey import last.json')
      await old.stop()
      writeFileSync(join(directory, 'latchkey_authentication.py'), ownClass.replace(PAGE_URL, latchkey.url))
      writeFileSync(join(directory, 'settings/switched.py'), switched(settings))
      old = await project.serve('switched')
      const site = await open(page.take('nginx'))
      relay.point(site.url)
      await closed.stop()
      page.visitAt(relay.url)
      await page.run('curl')

      await moved.goOn()
      assertUnnoticed(moved.heard, control.heard)
      const newcomer = createDrfTokenClient(relay.url, mary, prefix)
      await newcomer.begin()
      assert.equal(newcomer.heard.at(-1)?.status, 200)

      await page.run('latchkey import status')
      await page.run('latchkey export')
      await page.run('loaddata')
      await old.stop()
      old = await project.serve()
      relay.point(old.url)
      const passwords = [
        [ada.email, 'Another-1-password'],
        [grace.email, grace.password],
        [mary.email, mary.password],
        ['boss@example.com', 'Boss-1-password'],
      ] as const
      for (const [email, password] of passwords) {
        const { status } = await ask(`${relay.url}${prefix}/login/`, { json: { email, password } })
        assert.equal(status, 200, email)
      }
      const admins = await project.run(
        `print(list(${USERS}.filter(is_superuser=True).values_list("email", "is_staff")))`,
      )
      assert.equal(admins, "[('boss@example.com', True)]\n")
      await page.run('rm')
      page.end()
    })
  })
}

function switched(settings: string): string {
  return `
from settings.${settings} import *
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["latchkey_authentication.LatchkeyAuthentication"]}
`
}

function makeAdmin(names: string): string {
  return `
boss = get_user_model()(is_staff=True, is_superuser=True, **${names})
boss.set_password("Boss-1-password")
boss.save()`
}
