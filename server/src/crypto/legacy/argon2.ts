import { hashRaw, verify } from '@node-rs/argon2'
import { readArgon2Hash } from '../argon2-hash.ts'
import { broken } from './bounds.ts'
import { asTypedOnly } from './digest-hash.ts'
import type { HashProblem, LegacyFormat, LegacyHash, QuickHash } from './legacy-hash.ts'
import { writeBase64 } from './text-forms.ts'

/** Less memory than this, in KiB and times the passes over it, and it is tried so fast that argon2id is put around it. */
const QUICK_MEMORY = 1024
/** By what the library numbers them. */
const KINDS = { argon2d: 0, argon2i: 1, argon2id: 2 } as const
const VERSIONS = { 'v=16': 0, 'v=19': 1 } as const
const COST = /^\$argon2(?:id|i|d)\$(?:v=\d+\$)?m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,10})\$/

/** `$argon2id$v=19$m=…,t=…,p=…$salt$tag` with parameters other than our own. */
export const ARGON2ID: LegacyFormat = argon2('argon2id')
/** `$argon2i$…`, the default of PHP and of older libraries. */
export const ARGON2I: LegacyFormat = argon2('argon2i')
/** `$argon2d$…`, rare for passwords. */
export const ARGON2D: LegacyFormat = argon2('argon2d')

/** Django's `argon2$argon2id$v=19$…`. */
export const DJANGO_ARGON2: LegacyFormat = {
  name: 'django-argon2',
  read: (stored) => (stored.startsWith('argon2$') ? argon2Hash('argon2', stored.slice('argon2'.length)) : null),
}

/** Reads a PHC string, by itself or out of another format. */
function argon2Hash(prefix: string, text: string): LegacyHash | HashProblem {
  // The first version wrote none.
  const stored = text.replace(/^\$(argon2(?:id|i|d))\$m=/, '$$$1$$v=16$$m=')
  if (canCheckArgon2(stored)) {
    return {
      verify: (password) => verify(stored, password),
      quick: readQuick(stored, prefix),
      spell: asTypedOnly,
    }
  }
  const [, memory, passes, lanes] = COST.exec(text) ?? []
  if (memory === undefined) return broken('an argon2 hash')
  return {
    problem: `an argon2 hash with m=${memory}, t=${passes}, p=${lanes} that is broken, or dearer than what is checked here: at most m=262144, t=10, p=16`,
  }
}

/** What takes part in wrapping a PHC string that can be checked; `null` where that is dear enough. */
function readQuick(stored: string, prefix: string): QuickHash | null {
  const cost = readArgon2Hash(stored)
  const [, kind, version, , saltText, digestText] = stored.split('$')
  if (cost === null || cost.memory * cost.passes >= QUICK_MEMORY) return null
  if (!isOneOf(KINDS, kind) || !isOneOf(VERSIONS, version) || saltText === undefined || digestText === undefined) {
    return null
  }
  const expected = Buffer.from(digestText, 'base64')
  const options = {
    algorithm: KINDS[kind],
    version: VERSIONS[version],
    memoryCost: cost.memory,
    timeCost: cost.passes,
    parallelism: cost.lanes,
    salt: Buffer.from(saltText, 'base64'),
    outputLen: expected.length,
  }
  return {
    digest: (password) => hashRaw(password, options),
    expected,
    blank: `${prefix}${stored.slice(0, -digestText.length)}${'A'.repeat(digestText.length)}`,
  }
}

function isOneOf<Names extends object>(names: Names, name: string | undefined): name is keyof Names & string {
  return name !== undefined && Object.hasOwn(names, name)
}

/** Whether a PHC string is within bounds, and written as the library reads it: no zeros before a number, and exact base64. */
export function canCheckArgon2(stored: string): boolean {
  if (readArgon2Hash(stored) === null || /=0\d/.test(stored)) return false
  return stored
    .split('$')
    .slice(-2)
    .every((part) => writeBase64(Buffer.from(part, 'base64')) === part)
}

function argon2(name: 'argon2id' | 'argon2i' | 'argon2d'): LegacyFormat {
  return { name, read: (stored) => (stored.startsWith(`$${name}$`) ? argon2Hash('', stored) : null) }
}
