import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type BackEnd, startBackEnd } from './kit/back-end.ts'
import { type LiveServer, startLiveServer } from './kit/live-server.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const README = readFileSync(join(ROOT, 'packages/client/README.md'), 'utf8')
const BLOCKS = [...README.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block = '']) => block)

/** Of a page, what Node has not: the tokens of somebody who is signed in already. */
const PAGE = `
const kept = new Map()
globalThis.localStorage = {
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, text) => kept.set(key, text),
  removeItem: (key) => kept.delete(key),
}
globalThis.addEventListener = globalThis.removeEventListener = () => {}
`

describe('the README of the client', () => {
  let server: LiveServer
  let things: BackEnd
  let folder = ''
  let files: readonly string[] = []
  before(async () => {
    server = await startLiveServer()
    things = await startBackEnd((_request, response) => response.end('[]'))
    folder = mkdtempSync(join(tmpdir(), 'latchkey-readme-'))
    const payload = { username: 'johndoe', password: 'correct horse battery staple' }
    await server.app.inject({ method: 'POST', url: '/v1/accounts', payload })
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    files = BLOCKS.map((block, index) => {
      const file = join(folder, `block-${index}.ts`)
      const urls = block.replaceAll('https://auth.example.com', server.url)
      const source = urls.replaceAll('https://api.example.com', things.url)
      writeFileSync(file, source.replace("'@latchkey/client'", JSON.stringify(`${ROOT}packages/client/src/index.ts`)))
      return file
    })
  })
  after(async () => {
    rmSync(folder, { recursive: true, force: true })
    await things.close()
    await server.close()
  })

  it('shows code that compiles', () => {
    const project = join(folder, 'tsconfig.json')
    const options = { noEmit: true, rootDir: '/', rewriteRelativeImportExtensions: false, noUnusedLocals: false }
    writeFileSync(
      project,
      JSON.stringify({ extends: `${ROOT}packages/client/tsconfig.json`, compilerOptions: options, include: ['*.ts'] }),
    )
    execFileSync(process.execPath, [`${ROOT}node_modules/typescript/bin/tsc`, '-p', project], { stdio: 'inherit' })
  })

  it('shows code that does what it says', async () => {
    const page = join(folder, 'page.mjs')
    const { access, refresh } = await logIn(server)
    const tokens = JSON.stringify({ id: 'one', access, refresh })
    writeFileSync(page, `${PAGE}kept.set('my-app', ${JSON.stringify(tokens)})`)
    const all = join(folder, 'all.mjs')
    const imports = files.map((file) => `await import(${JSON.stringify(file)})\nconsole.log('=')\n`)
    writeFileSync(all, imports.join(''))
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', page, all])
    const printed = stdout.split('=\n').slice(0, -1)
    const shown = BLOCKS.map(readShown)
    assert.deepEqual(
      printed.map((text) => text.split('\n').filter(Boolean)),
      shown,
    )
    assert.ok(shown.flat().length >= 15, 'the README lost its examples')
    assert.match(things.seen.join(), /^GET \/things Bearer eyJ/)
  })

  it('has a start of five lines', () => {
    const lines = (BLOCKS[0] ?? '').split('\n').filter((line) => line !== '')
    assert.ok(lines.length <= 5)
  })

  it('leads to places that it has, and names every client', () => {
    const headings = [...README.matchAll(/^## (.+)$/gm)].map(([, title = '']) => toAnchor(title))
    for (const [, anchor = ''] of README.matchAll(/\]\(#([^)]+)\)/g)) assert.ok(headings.includes(anchor), anchor)
    const index = readFileSync(join(ROOT, 'packages/client/src/index.ts'), 'utf8')
    for (const [, file = ''] of index.matchAll(/'\.\/(contracts\/[\w-]+\.ts)'/g)) {
      const source = join(ROOT, 'packages/client/src', file)
      assert.ok(existsSync(source))
      for (const [, name = ''] of readFileSync(source, 'utf8').matchAll(/export function (create\w+)/g)) {
        assert.ok(README.includes(`[\`${name}\`]`), name)
      }
    }
  })
})

/** What a block says that it prints: the comments at the ends of lines, and those that are alone on one. */
function readShown(block: string): string[] {
  return [...block.matchAll(/(?:^|\s)\/\/ (.+)$/gm)].map(([, text = '']) => text)
}

async function logIn({ app }: LiveServer): Promise<{ access: string; refresh: string }> {
  const payload = { identifier: 'johndoe', password: 'correct horse battery staple' }
  const reply = await app.inject({ method: 'POST', url: '/v1/sessions', payload })
  const { access_token: access, refresh_token: refresh } = reply.json()
  return { access, refresh }
}

function toAnchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')
}
