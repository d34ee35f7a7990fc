import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { findPostgres } from './postgres-server.ts'

/** A program that tests run and npm does not bring. */
export type Need = {
  readonly name: string
  /** Test files with this text need it; an empty text says that all do. */
  readonly usedBy: string
  /** Its path, or `null` where it is not installed. */
  readonly find: () => string | null
  readonly debian: readonly string[]
  /** How people get it whose machine is not Debian, a line each. */
  readonly elsewhere: readonly string[]
}

/** Everything the tests need beyond npm. */
export const NEEDS = {
  postgres: {
    name: 'PostgreSQL',
    usedBy: '',
    find: findPostgres,
    debian: ['postgresql'],
    elsewhere: ['Fedora: sudo dnf install postgresql-server', 'macOS: brew install postgresql@17'],
  },
  chromium: {
    name: 'Chromium',
    usedBy: 'openBrowser(',
    find: () =>
      process.env.CHROME_PATH ||
      findProgram(
        ['chromium', 'chromium-browser', 'google-chrome', 'Chromium', 'Google Chrome'],
        ['/Applications/Chromium.app/Contents/MacOS', '/Applications/Google Chrome.app/Contents/MacOS'],
      ),
    debian: ['chromium'],
    elsewhere: ['any Chromium or Chrome: CHROME_PATH=/path/to/chrome', 'macOS: brew install --cask chromium'],
  },
  nginx: {
    name: 'nginx',
    usedBy: 'startNginx(',
    find: () => findProgram(['nginx'], ['/usr/sbin', '/opt/homebrew/bin']),
    debian: ['nginx'],
    elsewhere: ['Fedora: sudo dnf install nginx', 'macOS: brew install nginx'],
  },
  curl: {
    name: 'curl',
    usedBy: 'runStep(',
    find: () => findProgram(['curl'], ['/usr/bin']),
    debian: ['curl'],
    elsewhere: ['Fedora: sudo dnf install curl', 'macOS: it is there'],
  },
  python: {
    name: "Python with Django REST Framework's packages",
    usedBy: 'runPython(',
    find: () => findPython('rest_framework, rest_framework_simplejwt, jwt, cryptography'),
    debian: ['python3', 'python3-djangorestframework', 'python3-djangorestframework-simplejwt', 'python3-cryptography'],
    elsewhere: ['pip install djangorestframework djangorestframework-simplejwt cryptography'],
  },
  hashLibraries: {
    name: 'Python with Django and the libraries that hash passwords',
    usedBy: 'makeHashes(',
    find: () => findPython('django, passlib.hash, werkzeug, bcrypt, argon2'),
    debian: ['python3-django', 'python3-passlib', 'python3-werkzeug', 'python3-bcrypt', 'python3-argon2'],
    // The versions whose hashes are all still made: later ones dropped the oldest, or each other.
    elsewhere: ["pip install 'django<5' passlib 'werkzeug<2.3' 'bcrypt<4' argon2-cffi"],
  },
  djangoOnPostgres: {
    name: "Python with Django REST Framework's packages and PostgreSQL's driver",
    usedBy: 'NEEDS.djangoOnPostgres',
    find: () => findPython('rest_framework, rest_framework_simplejwt, psycopg2'),
    debian: ['python3', 'python3-djangorestframework', 'python3-djangorestframework-simplejwt', 'python3-psycopg2'],
    elsewhere: ['pip install djangorestframework djangorestframework-simplejwt psycopg2-binary'],
  },
  django: {
    name: "Python with Django REST Framework's packages and argon2",
    usedBy: 'makeDjangoProject(',
    find: () => findPython('rest_framework, rest_framework_simplejwt, argon2'),
    debian: [
      'python3',
      'python3-djangorestframework',
      'python3-djangorestframework-simplejwt',
      'python3-cryptography',
      'python3-argon2',
    ],
    elsewhere: ['pip install djangorestframework djangorestframework-simplejwt cryptography argon2-cffi'],
  },
} satisfies Readonly<Record<string, Need>>

/**
 * Where a needed program is. As root on Debian it is installed, where it is missing.
 *
 * @throws {Error} that says how to get it.
 */
export function meetNeed(need: Need): string {
  const path = need.find() ?? install(need)
  if (path !== null) return path
  const debian = `  Debian, Ubuntu: sudo apt-get install ${need.debian.join(' ')}`
  const elsewhere = need.elsewhere.map((line) => `  ${line}`)
  throw new Error([`The tests need ${need.name}, and found none. To get it:`, debian, ...elsewhere].join('\n'))
}

/** Where this can be done without asking anybody for a password, it is. */
function install(need: Need): string | null {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return null
  process.stdout.write(
    `\n# ${need.name} was not found, so it is installed: apt-get install ${need.debian.join(' ')}\n\n`,
  )
  const installed =
    runApt('install', '--no-install-recommends', ...need.debian) ||
    (runApt('update') && runApt('install', '--no-install-recommends', ...need.debian))
  return installed ? need.find() : null
}

function runApt(command: string, ...args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    // Files of tests run side by side, and apt-get lets one work at a time.
    execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', command, '--yes', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env,
    })
    return true
  } catch {
    return false
  }
}

/** The first of some programs that is on the PATH or in one of some other places. */
function findProgram(names: readonly string[], places: readonly string[]): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...places]
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)))
  return paths.find((path) => existsSync(path)) ?? null
}

/** A Python that can import some modules: the system's own, whose packages Debian keeps, before that of the PATH. */
function findPython(modules: string): string | null {
  const works = (python: string): boolean => {
    try {
      execFileSync(python, ['-c', `import ${modules}`], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  }
  return ['/usr/bin/python3', 'python3'].find(works) ?? null
}
