import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import { send, type TableRequest, type WireAnswer } from './kit/wire.ts'

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

/** A command of the README with the answer that the comment after it shows, if there is one. */
type Example = { readonly command: string; readonly shown: string | null }

describe('README', () => {
  let test: TestApp
  before(async () => {
    test = await startTestApp()
  })
  after(() => test.close())

  it('shows curl commands that answer as it says, in the order in which it shows them', async () => {
    const variables: Record<string, string> = {}
    const answers: WireAnswer[] = []
    for (const { command, shown } of readExamples()) {
      const answer = await send(test, readCurl(command, variables))
      const assigned = /^(\w+)=\$\(/.exec(command)?.[1]
      if (assigned !== undefined) variables[assigned] = /:"([^"]+)"/.exec(answer.text)?.[1] ?? ''
      noteTokens(answer, variables)
      answers.push(answer)
      assert.ok(answer.status < 300, `${command}\nanswered ${answer.status} ${answer.text}`)
      if (shown?.startsWith('{'))
        assert.equal(answer.text.replaceAll(/"eyJ[^"]+"/g, '"eyJ…"'), readShown(shown), command)
    }
    assert.ok(answers.length >= 11, 'the README lost its examples')
  })

  it('links only to files that are there', () => {
    for (const [, target = ''] of README.matchAll(/\]\(([^)#]+)\)/g)) {
      if (target.startsWith('http')) continue
      assert.ok(existsSync(new URL(`../../${target}`, import.meta.url)), `${target} is not there`)
    }
  })
})

describe('the documents', () => {
  const names = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md']
  const contracts = ['drf-jwt', 'drf-token', 'express-jwt', 'simplejwt'].map(
    (name) => `server/src/contracts/${name}/README.md`,
  )
  for (const name of [...names, ...contracts]) {
    it(`name no file that is not there: ${name}`, () => {
      const text = readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
      const paths = [...text.matchAll(/`((?:server|scripts|bench|docs)\/[\w./-]+\.\w+)`/g)].map(([, path = '']) => path)
      for (const path of paths) assert.ok(existsSync(new URL(`../../${path}`, import.meta.url)), `${path} is not there`)
    })
  }
})

/** The commands of the README's shell blocks that call the server; a line ending in a backslash goes on. */
function readExamples(): Example[] {
  const blocks = [...README.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block.replaceAll(/\\\n\s*/g, ''))
  return blocks.flatMap((block) => {
    const lines = block.trim().split('\n')
    return lines.flatMap((line, index) => {
      if (!/\bcurl\b/.test(line)) return []
      const next = lines[index + 1]
      return [{ command: line, shown: next?.startsWith('# ') ? next.slice(2) : null }]
    })
  })
}

/** The few options of curl that the README uses, as a request. */
function readCurl(command: string, variables: Readonly<Record<string, string>>): TableRequest {
  const words = [...command.replace(/^\w+=\$\(|\s*\|.*$|\s+#.*$/g, '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) =>
      single ?? double?.replaceAll(/\$(\w+)/g, (_, name: string) => variables[name] ?? '') ?? bare ?? '',
  )
  const valuesOf = (option: string) => words.flatMap((word, index) => (word === option ? [words[index + 1] ?? ''] : []))
  const url = words.find((word) => word.startsWith('localhost:8000')) ?? ''
  const data = valuesOf('-d').join('&')
  const headers = Object.fromEntries(valuesOf('-H').map((line) => line.split(': ') as [string, string]))
  if (data !== '' && headers['Content-Type'] === undefined)
    headers['Content-Type'] = 'application/x-www-form-urlencoded'
  return {
    method: valuesOf('-X')[0] ?? (data === '' ? 'GET' : 'POST'),
    path: url.replace('localhost:8000', ''),
    headers: mapValues(headers, (value) => value.replace('eyJ…', variables.access ?? '')),
    ...(data === '' ? {} : { body: data.replace('eyJ…', variables.refresh ?? '') }),
  }
}

/** `eyJ…` and `$TOKEN` in the README stand for the token of the answer before. */
function noteTokens({ json }: WireAnswer, variables: Record<string, string>): void {
  if (typeof json !== 'object' || json === null) return
  for (const [name, value] of Object.entries(json)) {
    if (typeof value !== 'string' || !value.startsWith('eyJ')) continue
    variables[name] = value
    if (name === 'token') variables.TOKEN = value
  }
}

function readShown(comment: string): string {
  return comment.replace(/\s{2,}.*$/, '')
}

function mapValues<Value>(
  record: Readonly<Record<string, Value>>,
  map: (value: Value) => Value,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}
