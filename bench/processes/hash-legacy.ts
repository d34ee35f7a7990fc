import { createHash, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { hash, verify } from '@node-rs/argon2'
import { hash as hashBcrypt, verify as verifyBcrypt } from '@node-rs/bcrypt'
import { ARGON2 } from '../tools/describe-machine.ts'
import { BCRYPT_COST, ITERATIONS } from '../tools/make-legacy-hashes.ts'
import { doTasks } from './do-tasks.ts'

/** What to do, and how often, one after the other. */
export type LegacyHashTask = { readonly work: 'argon2' | 'pbkdf2' | 'bcrypt' | 'wrapped'; readonly times: number }
/** How long each took, in milliseconds. */
export type LegacyHashResult = { readonly times: readonly number[] }

const PASSWORD = 'correct horse battery staple'
const SALT = 'saltOf22characters0000'

const bcryptHash = await hashBcrypt(PASSWORD, { cost: BCRYPT_COST })
const digest = () => createHash('md5').update(`${SALT}${PASSWORD}`).digest('base64')
const wrappedHash = await hash(digest(), ARGON2)
const derive = promisify(pbkdf2)

/** What checking one password costs by itself; `argon2` makes a hash, which takes as long as checking one. */
const WORK: Readonly<Record<LegacyHashTask['work'], () => Promise<unknown>>> = {
  argon2: () => hash(PASSWORD, ARGON2),
  pbkdf2: () => derive(PASSWORD, SALT, ITERATIONS, 32, 'sha256'),
  bcrypt: () => verifyBcrypt(PASSWORD, bcryptHash),
  wrapped: () => verify(wrappedHash, digest()),
}

/** Does one piece of work over and over: the least that a login server could do here. */
async function hashLegacy({ work, times }: LegacyHashTask): Promise<LegacyHashResult> {
  const took: number[] = []
  for (let time = 0; time < times; time++) {
    const started = performance.now()
    if ((await WORK[work]()) === false) throw new Error('The right password was refused.')
    took.push(performance.now() - started)
  }
  return { times: took }
}

doTasks(hashLegacy)
