import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, symlinkSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { meetNeed, NEEDS } from '../kit/needs.ts'
import { runPython, startPython } from '../kit/python.ts'
import { dieTogether } from '../kit/server-process.ts'

const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url))
const STACKS = fileURLToPath(new URL('stacks/', import.meta.url))

/** A back end as there was one before. */
export type OldStack = {
  readonly url: string
  /** Switches it off. */
  stop(): Promise<void>
}

/** A Django project in a directory of its own, with a database and nobody in it. */
export type DjangoProject = {
  /** What commands need to know of it. */
  readonly env: Readonly<Record<string, string>>
  /** Serves it; other settings may be named, which stand in the directory. */
  serve(settings?: string): Promise<OldStack>
  /** Runs a line of Python in it, and gives what it prints. */
  run(code: string): Promise<string>
}

/** Hashes that cost nothing. */
export const LIGHT = { DJANGO_LIGHT_HASHING: 'yes' }

const SETUP = 'import django; django.setup()\nfrom django.contrib.auth import get_user_model\n'
const MIGRATE = `${SETUP}from django.core.management import call_command
call_command("migrate", verbosity=0, run_syncdb=True)`

/**
 * @param settings the name of its settings, without the package.
 * @param more of its environment: `LIGHT` where nobody's hash is looked at.
 */
export async function makeDjangoProject(
  settings: string,
  directory: string,
  more: Readonly<Record<string, string>> = {},
): Promise<DjangoProject> {
  meetNeed(NEEDS.django)
  cpSync(join(STACKS, 'django'), directory, { recursive: true })
  const env = {
    DJANGO_SETTINGS_MODULE: `settings.${settings}`,
    DJANGO_DATABASE: join(directory, 'db.sqlite3'),
    // As `startproject` makes them.
    DJANGO_SECRET_KEY: 'django-insecure-7x!q$2v9w@c4^k0n&8z5-m3p6r1t=yb+u(h)',
    ...more,
  }
  const surroundings = { cwd: directory, env }
  await runPython(MIGRATE, surroundings)
  return {
    env,
    run: (code) => runPython(SETUP + code, surroundings),
    async serve(other = settings) {
      const as = { ...env, DJANGO_SETTINGS_MODULE: `settings.${other}` }
      const { line, stop } = await startPython('import serve', { cwd: directory, env: as })
      return { url: `http://127.0.0.1:${line}`, stop }
    },
  }
}

/** The Express app in a directory of its own, with users in a file of it and nobody in there. */
export type ExpressApp = {
  /** What commands need to know of it. */
  readonly env: Readonly<Record<string, string>>
  /** The stand-ins for MongoDB's tools. */
  readonly programs: Readonly<Record<string, readonly string[]>>
  serve(): Promise<OldStack>
}

export function makeExpressApp(directory: string): ExpressApp {
  cpSync(join(STACKS, 'express'), directory, { recursive: true })
  symlinkSync(MODULES, join(directory, 'node_modules'))
  const { PATH = '' } = process.env
  const env = {
    PATH,
    USERS_FILE: join(directory, 'users.json'),
    MONGO_URL: 'mongodb://localhost/shop',
    JWT_SECRET: 'shhhhh',
  }
  const tool = [process.execPath, join(directory, 'mongo-tool.mjs')]
  return {
    env,
    programs: { mongoexport: [...tool, 'export'], mongoimport: [...tool, 'import'] },
    serve: () => serveExpress(join(directory, 'app.mjs'), env),
  }
}

async function serveExpress(file: string, env: Readonly<Record<string, string>>): Promise<OldStack> {
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  dieTogether(child)
  const ended = once(child, 'exit')
  const [line] = await Promise.race([once(child.stdout, 'data'), ended.then(() => ['the app ended'])])
  for (const handle of [child, child.stdout as Socket]) handle.unref()
  return {
    url: `http://127.0.0.1:${Number(line)}`,
    async stop() {
      child.ref()
      if (child.kill('SIGKILL')) await ended
    },
  }
}
