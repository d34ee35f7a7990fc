import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { describeService } from '../src/openapi/describe-service.ts'
import { type Document, METHODS } from '../src/openapi/document.ts'
import { openBrowser } from './kit/browser.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
// Under another name, because no database makes a difference to a page.
import { startTestApp as start, type TestApp } from './kit/start-test-app.ts'

/** The page as people see it: on a desk and in a hand, by day and by night. */
const SCREENS = [
  { width: 1360, height: 900, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
] as const

// What runs in the page is text: the types of these tests are Node's.
const UNFOLD = "for (const details of document.querySelectorAll('details')) details.open = true"
const READ_OPERATIONS =
  "Object.fromEntries([...document.querySelectorAll('.operation')].map(({ id, textContent }) => [id, textContent]))"
const FIND_BROKEN_LINKS =
  '[...document.querySelectorAll(\'a[href^="#"]\')].map(({ hash }) => hash.slice(1)).filter((id) => document.getElementById(id) === null)'
const IS_IN_SIGHT =
  "((top) => top >= 0 && top < innerHeight)(document.getElementById('postV1SessionRefresh').getBoundingClientRect().top)"

describe('the reference in a real browser', () => {
  let test: TestApp
  let browser: Browser
  let origin: string
  let document: Document
  before(async () => {
    test = await start({ config: { ...LIGHT_HASHING, mailUrl: 'file:///letters' } })
    origin = await test.app.listen({ port: 0, host: '127.0.0.1' })
    document = describeService(test.config)
    browser = await openBrowser()
  })
  after(async () => {
    await browser?.close()
    await test?.close()
  })

  for (const { width, height, colorScheme } of SCREENS) {
    it(`has nothing to complain of, asks nobody else, and is no wider than a screen of ${width}, ${colorScheme}`, async () => {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme })
      const page = await context.newPage()
      const { complaints, requests } = await open(page)
      assert.deepEqual(complaints, [])
      assert.deepEqual(
        requests.filter((url) => new URL(url).origin !== origin),
        [],
      )
      assert.ok(requests.includes(`${origin}/docs/style.css`), String(requests))
      // Everything unfolded, as wide as it gets.
      await page.evaluate(UNFOLD)
      assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= width)
      assert.equal(await page.locator('aside').isVisible(), width > 1000)
      assert.equal(await page.locator('details.menu').isVisible(), width <= 1000)
      await context.close()
    })
  }

  it('has every operation, and every example of it', async () => {
    const page = await browser.newPage()
    await open(page)
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
      METHODS.flatMap((method) => {
        const operation = item[method]
        return operation === undefined ? [] : [{ path, method, operation }]
      }),
    )
    assert.ok(operations.length > 50)
    const texts: Readonly<Record<string, string>> = await page.evaluate(READ_OPERATIONS)
    assert.deepEqual(Object.keys(texts).toSorted(), operations.map(({ operation }) => operation.operationId).toSorted())
    for (const { path, method, operation } of operations) {
      const text = texts[operation.operationId] ?? ''
      const examples = Object.values(operation.responses).flatMap((reply) =>
        '$ref' in reply ? [] : Object.values(reply.content ?? {}).flatMap((media) => Object.keys(media.examples ?? {})),
      )
      const parts = [path, method.toUpperCase(), operation.summary, ...Object.keys(operation.responses), ...examples]
      for (const part of parts) assert.ok(text.includes(part), `${operation.operationId}: ${part}`)
    }
  })

  it('leads from its menu to every operation that it names', async () => {
    const page = await browser.newPage()
    await open(page)
    assert.deepEqual(await page.evaluate(FIND_BROKEN_LINKS), [])
    await page.locator('aside a', { hasText: '/v1/session/refresh' }).click()
    assert.ok(page.url().endsWith('#postV1SessionRefresh'))
    await page.waitForFunction(IS_IN_SIGHT, null, { timeout: 60_000 })
  })

  /** Opens the page, and notes what it complains of and what it asks for. */
  async function open(page: Page): Promise<{ complaints: string[]; requests: string[] }> {
    const complaints: string[] = []
    const requests: string[] = []
    page.setDefaultTimeout(60_000)
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`))
    page.on('response', (reply) => {
      if (reply.status() >= 400) complaints.push(`${reply.url()}: ${reply.status()}`)
    })
    page.on('request', (request) => requests.push(request.url()))
    await page.goto(`${origin}/docs`, { timeout: 60_000 })
    return { complaints, requests }
  }
})
