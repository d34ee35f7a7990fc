import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { openBrowser } from '../../../server/test/kit/browser.ts'
import { type BackEnd, startBackEnd } from './kit/back-end.ts'
import { buildClient } from './kit/build.ts'
import { type LiveServer, startLiveServer } from './kit/live-server.ts'

const PASSWORD = 'correct horse battery staple 9'
const EACH = 25

describe('the built client in a real browser, on a page of another origin', () => {
  let browser: Browser
  let pages: BackEnd
  let strangers: BackEnd
  let server: LiveServer
  before(async () => {
    const built = buildClient()
    ;[pages, strangers] = [await servePages(built), await servePages(built)]
    server = await startLiveServer({ corsOrigins: [pages.url] })
    browser = await openBrowser()
  })
  after(async () => {
    await browser.close()
    await server.close()
    await pages.close()
    await strangers.close()
  })

  /** Opens a tab; its functions are those of kit/tab.html. */
  const openTab = async (context: BrowserContext, site = pages): Promise<Page> => {
    const page = await context.newPage()
    page.setDefaultTimeout(120_000)
    await page.goto(`${site.url}/?latchkey=${encodeURIComponent(server.url)}`)
    await page.waitForFunction('globalThis.isReady === true')
    return page
  }
  const register = async (username: string) =>
    server.app.inject({ method: 'POST', url: '/v1/accounts', payload: { username, password: PASSWORD } })
  const logIn = (username: string) =>
    `tab.client.login({ identifier: ${JSON.stringify(username)}, password: ${JSON.stringify(PASSWORD)} })`

  it('renews a token once for two tabs, and both take it', async () => {
    const context = await browser.newContext()
    const tabs = [await openTab(context), await openTab(context)]
    const [first, second] = tabs
    assert.ok(first && second)
    const sent: string[] = []
    context.on('request', (request) => sent.push(`${request.method()} ${new URL(request.url()).pathname}`))
    await register('twice')
    await first.evaluate(logIn('twice'))
    assert.deepEqual(await second.evaluate(`tab.heard('signed-in')`), { type: 'signed-in' })
    server.advance(301_000)
    // Nobody gets the new token before every request of both has been refused.
    const asking = tabs.map((tab) => tab.evaluate<string[]>(`tab.ask(${EACH})`))
    await Promise.all(tabs.map((tab) => tab.evaluate(`tab.refused(${EACH})`)))
    for (const tab of tabs) await tab.evaluate('tab.letGo()')
    for (const names of await Promise.all(asking)) assert.deepEqual(names, new Array(EACH).fill('twice'))
    assert.equal(sent.filter((request) => request === 'POST /v1/session/refresh').length, 1)
    assert.equal(await first.evaluate('tab.kept()'), await second.evaluate('tab.kept()'))
    await context.close()
  })

  it('logs out of all tabs, and a tab that is opened later is signed in or out as the others are', async () => {
    const context = await browser.newContext()
    const [first, second] = [await openTab(context), await openTab(context)]
    await register('everywhere')
    await first.evaluate(logIn('everywhere'))
    const third = await openTab(context)
    assert.equal(await third.evaluate('tab.client.restore()'), true)
    await second.evaluate(`tab.heard('signed-in')`)
    await first.evaluate('tab.client.logout()')
    for (const tab of [second, third]) {
      assert.deepEqual(await tab.evaluate(`tab.heard('signed-out')`), { type: 'signed-out', reason: 'elsewhere' })
      assert.equal(await tab.evaluate('tab.kept()'), null)
    }
    assert.equal(await (await openTab(context)).evaluate('tab.client.restore()'), false)
    await context.close()
  })

  it('reads what the server says to it, errors too, and on a page that was not named nothing', async () => {
    const context = await browser.newContext()
    const named = await openTab(context)
    const call = `tab.failure(() => tab.client.register({ username: 'x y', password: 'short' }))`
    assert.deepEqual(await named.evaluate(call), {
      name: 'ContractError',
      message: 'A username is letters, digits and _.@+-; an email address in its place has to be the account’s.',
      status: 400,
      code: 'invalid_input',
      retryAfter: null,
      fieldErrors: {
        username: ['A username is letters, digits and _.@+-; an email address in its place has to be the account’s.'],
        password: ['This has to have at least 8 characters.'],
      },
    })
    const stranger = await openTab(context, strangers)
    const failure = await stranger.evaluate<{ name: string; message: string }>(call)
    assert.equal(failure.name, 'ConnectionError')
    assert.match(failure.message, /LATCHKEY_CORS_ORIGINS/)
    await context.close()
  })
})

/** A site with the page of the tabs, and the client beside it. */
function servePages(built: string): Promise<BackEnd> {
  const html = readFileSync(new URL('./kit/tab.html', import.meta.url))
  return startBackEnd(({ url = '/' }, response) => {
    const script = /^\/client\/((?:contracts\/)?[a-z-]+\.js)$/.exec(url)?.[1]
    if (script !== undefined) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(join(built, script)))
    } else if (url.startsWith('/?')) {
      response.writeHead(200, { 'content-type': 'text/html' }).end(html)
    } else {
      response.writeHead(404).end()
    }
  })
}
