import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { COMMANDS } from '../src/cli/commands.ts'
import { listSettings } from '../src/config/list-settings.ts'
import { ROOT, readText } from './deploy/files.ts'
import { startTestApp } from './kit/start-test-app.ts'

const GUIDE = readText('docs/operations.md')
/** What Kubernetes would set for a service called latchkey: named where it is said that these are kept out. */
const OF_SERVICE_LINKS = ['LATCHKEY_PORT']

describe('deploy', () => {
  const files = readdirSync(join(ROOT, 'deploy'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(ROOT.length))
    .filter((path) => !/^deploy\/(secrets|certificates)\//.test(path))

  it('names no setting that Latchkey does not have', () => {
    const known = [...listSettings().map(({ name }) => name), ...OF_SERVICE_LINKS]
    for (const path of [...files, 'docs/operations.md']) {
      for (const [name] of readText(path).matchAll(/\bLATCHKEY_[A-Z_]*[A-Z]\b/g)) {
        assert.ok(known.includes(name), `${path} names ${name}`)
      }
    }
  })

  it('holds no secret and no certificate', () => {
    for (const path of files) assert.doesNotMatch(readText(path), /-----BEGIN|[A-Za-z\d+/]{40,}/, path)
  })

  it('gives the proxy less patience with idle connections than Latchkey has', async (t) => {
    const { app, close } = await startTestApp()
    t.after(close)
    const [, seconds] = /^\s*keepalive_timeout (\d+)s;/m.exec(readText('deploy/nginx.conf')) ?? []
    assert.ok(Number(seconds) * 1000 < app.server.keepAliveTimeout)
    const [, longest] = /^\s*proxy_read_timeout (\d+)s;/m.exec(readText('deploy/nginx.conf')) ?? []
    assert.ok(Number(longest) * 1000 > app.server.requestTimeout)
  })
})

describe('the guide for operators', () => {
  it('links only to files and headings that are there', () => {
    const headings = [...GUIDE.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => text.toLowerCase().replaceAll(' ', '-'))
    for (const [, target = ''] of GUIDE.matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith('#')) assert.ok(headings.includes(target.slice(1)), target)
      else assert.ok(existsSync(join(ROOT, 'docs', target)), `${target} is not there`)
    }
  })

  it('names only files of deploy, and commands, that are there', () => {
    for (const [path] of GUIDE.matchAll(/\bdeploy\/[\w./-]+\.(?:yaml|conf|service|sh)\b/g)) {
      assert.ok(existsSync(join(ROOT, path)), path)
    }
    const words = COMMANDS.map(({ name }) => name.split(' ')[0])
    for (const [, word = ''] of GUIDE.matchAll(/`latchkey ([a-z]+)/g)) assert.ok(words.includes(word), word)
  })
})
