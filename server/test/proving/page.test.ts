import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runCli } from '../kit/run-cli.ts'
import { makeDirectory } from '../kit/server-process.ts'
import { startDrf, startLatchkey, type Tried } from './servers.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/conform.md'), 'utf8')
const FAST = ['--per-second', '10000', '--timeout', '60']

describe('the page on proof before the switch', () => {
  const directory = makeDirectory()
  const outputs: string[] = []
  let latchkey: Tried
  let old: string
  before(async () => {
    old = `${await startDrf()}/simplejwt`
    latchkey = await startLatchkey()
    const [login = '', refresh = ''] = readBlocks('json').flatMap((block) => block.trim().split(/\n\s*/))
    const { body } = JSON.parse(login)
    for (const url of [old, `${latchkey.url}/simplejwt`]) {
      const reply = await fetch(`${url}/api/users/register/`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      assert.equal(reply.status, 201)
    }
    const bad = { ...JSON.parse(refresh), body: { refresh: 'no token at all' } }
    const lines = [JSON.stringify(bad), JSON.stringify(bad), login, refresh]
    writeFileSync(join(directory, 'recording.har'), `${lines.join('\n')}\n`)
    writeFileSync(join(directory, 'access.log'), '- "POST /api/users/login/ HTTP/1.1" 200\n')
    writeFileSync(join(directory, 'logins.jsonl'), `${JSON.stringify(body)}\n`)
    for (const block of readBlocks('sh')) outputs.push(await runBlock(block))
  })
  after(() => latchkey.close())

  it('has commands that are understood, and do what it says', () => {
    assert.equal(outputs.length, 3)
    const [conformed = '', replayed = '', logged = ''] = outputs
    assert.match(conformed, / 0 differ, \d+ not tried\./)
    assert.match(replayed, /\n4 requests sent to both: 2 agree, 2 differ\.\n/)
    assert.match(logged, /\n1 request sent to both: 1 agree, 0 differ\.\n/)
  })

  it('shows what the commands print', () => {
    const printed = outputs.join('\n').split('\n')
    for (const block of readBlocks('text')) {
      for (const line of block.split('\n')) assert.ok(printed.includes(line), line)
    }
  })

  /** Runs a command of the page at the servers of this test; the recording here is of lines, whatever its name. */
  async function runBlock(block: string): Promise<string> {
    const words = block.trim().split(/\s+/).slice('npm run --silent latchkey --'.split(' ').length)
    const args = words.map((word) => {
      if (word === 'https://old.example.com') return old
      if (word === 'https://new.example.com') return `${latchkey.url}/simplejwt`
      return /^(recording|access|logins)\./.test(word) ? join(directory, word) : word
    })
    const format = args.some((word) => word.endsWith('.har')) ? ['--format', 'jsonl'] : []
    const { code, stdout, stderr } = await runCli([...args, ...format, ...FAST], { env: {} })
    assert.notEqual(code, 2, stderr)
    return stdout
  }
})

function readBlocks(language: string): string[] {
  const blocks = PAGE.matchAll(new RegExp(`^ *\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\``, 'gm'))
  return [...blocks].map(([, block = '']) => block.replace(/\n$/, ''))
}
