import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { makeDirectory } from '../server/test/kit/server-process.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')
const NAMES = ['client', 'verify']

/** What a team's own program does with the packages: every entry point, with its types. */
const CONSUMER = `
import { createLatchkeyClient } from '@latchkey/client'
import { createVerifier, type Identity, readToken, TokenError, type VerifierOptions } from '@latchkey/verify'
import { authOf, requireAuth as forExpress } from '@latchkey/verify/express'
import { authPlugin, requireAuth as forFastify } from '@latchkey/verify/fastify'
import { type AuthEnv, requireAuth as forHono } from '@latchkey/verify/hono'

const options: VerifierOptions = { issuer: 'https://auth.example.com', audience: 'https://shop.example.com' }
const verifier = createVerifier(options)
// @ts-expect-error an issuer is needed
export const never = () => createVerifier({})
const env: AuthEnv['Variables'] | null = null
try {
  const identity: Identity = await verifier.verify(readToken('Bearer nonsense'))
  // @ts-expect-error it may be unknown
  identity.email.length
} catch (error) {
  const made = [forExpress, forFastify, forHono, authPlugin].map((make) => typeof make(verifier))
  const code = error instanceof TokenError ? error.code : 'another error'
  console.log(JSON.stringify({ code, made, authOf: typeof authOf, client: typeof createLatchkeyClient, env }))
}
`

describe('the packages, built, packed and installed', () => {
  const staging = makeDirectory()
  const project = makeDirectory()
  before(async () => {
    // Built beside the sources' copies: other tests, or a person, may be at work in the folders themselves.
    for (const name of NAMES) {
      const folder = join(staging, 'packages', name)
      mkdirSync(folder, { recursive: true })
      for (const part of ['src', 'package.json', 'tsconfig.json', 'README.md', 'LICENSE']) {
        cpSync(join(ROOT, 'packages', name, part), join(folder, part), { recursive: true })
      }
    }
    cpSync(join(ROOT, 'tsconfig.base.json'), join(staging, 'tsconfig.base.json'))
    symlinkSync(join(ROOT, 'node_modules'), join(staging, 'node_modules'))
    await Promise.all(NAMES.map((name) => run(process.execPath, [TSC, '-p', `packages/${name}`], staging)))

    const packed = ['./packages/client', './packages/verify', join(ROOT, 'node_modules/jose')]
    await npm(['pack', '--ignore-scripts', ...packed], staging)
    const tarballs = readdirSync(staging).filter((file) => file.endsWith('.tgz'))
    assert.equal(tarballs.length, packed.length)
    writeFileSync(join(project, 'package.json'), '{ "name": "a-back-end", "private": true, "type": "module" }')
    // Nothing is fetched: a machine that ran npm ci may be without a network, and without what npm would keep.
    const quiet = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
    await npm(['install', ...quiet, ...tarballs.map((file) => join(staging, file))], project)
    writeFileSync(join(project, 'consumer.ts'), CONSUMER)
  })

  it('hold what is built, their words and their licence, and no sources or tests', () => {
    for (const name of NAMES) {
      const folder = join(project, 'node_modules/@latchkey', name)
      assert.deepEqual(readdirSync(folder).sort(), ['LICENSE', 'README.md', 'dist', 'package.json'])
      const files = readdirSync(join(folder, 'dist'), { recursive: true, withFileTypes: true })
      const others = files.filter((file) => file.isFile() && !/\.(js|d\.ts)$/.test(file.name))
      assert.deepEqual(
        others.map((file) => file.name),
        [],
      )
    }
  })

  it('need one package at run time, and none of them a script at install', () => {
    const manifests = NAMES.map((name) => {
      const path = join(project, 'node_modules/@latchkey', name, 'package.json')
      return JSON.parse(readFileSync(path, 'utf8')) as {
        dependencies?: object
        peerDependencies?: object
        scripts: Readonly<Record<string, string>>
        exports: Readonly<Record<string, { types: string; default: string }>>
      }
    })
    const needed = manifests.flatMap(({ dependencies = {}, peerDependencies = {} }) =>
      Object.keys({ ...dependencies, ...peerDependencies }),
    )
    assert.deepEqual(needed, ['jose'])
    for (const [index, { scripts, exports }] of manifests.entries()) {
      for (const name of ['preinstall', 'install', 'postinstall']) assert.equal(scripts[name], undefined)
      for (const { types, default: code } of Object.values(exports)) {
        for (const file of [types, code]) {
          assert.ok(
            existsSync(join(project, 'node_modules/@latchkey', NAMES[index] ?? '', file)),
            `${file} is not there`,
          )
        }
      }
    }
  })

  it('work where they are installed', async () => {
    const printed = JSON.parse(await run(process.execPath, ['consumer.ts'], project))
    const made = ['function', 'function', 'function', 'function']
    assert.deepEqual(printed, { code: 'malformed_token', made, authOf: 'function', client: 'function', env: null })
  })

  it('have types that stand by themselves, however strict a program is about them', async () => {
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--noEmit', '--types', '', '--target', 'es2023']
    const settings = [
      ['--module', 'nodenext', '--moduleResolution', 'nodenext'],
      ['--module', 'esnext', '--moduleResolution', 'bundler'],
    ]
    await Promise.all(
      settings.map((how) =>
        run(process.execPath, [TSC, ...strict, '--lib', 'es2023,dom', ...how, 'consumer.ts'], project),
      ),
    )
  })
})

/** @throws {Error} with what it printed, when it fails. */
async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { cwd, timeout: 120_000 })).stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${args.join(' ')}\n${stdout}${stderr}`, { cause: error })
  }
}

/** The npm that runs the tests, where one does. */
function npm(args: readonly string[], cwd: string): Promise<string> {
  const { npm_execpath: path } = process.env
  return path === undefined ? run('npm', args, cwd) : run(process.execPath, [path, ...args], cwd)
}
