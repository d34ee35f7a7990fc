import { IN_FORCE, openSite, PASSWORD, SECRET } from '../../server/test/attack/site.ts'
import type { LegacyHashTask } from '../processes/hash-legacy.ts'
import { startLegacyHasher } from '../processes/start-children.ts'
import { makeFolder, startLatchkey } from '../processes/start-latchkey.ts'
import type { Row } from '../row.ts'
import { askOnce } from '../tools/ask-once.ts'
import { type LegacyHashesMade, makeLegacyHashes } from '../tools/make-legacy-hashes.ts'
import { showProgress } from '../tools/show-progress.ts'
import { median } from '../tools/statistics.ts'
import { writeRequest } from '../tools/write-request.ts'

const ROUNDS = 7
/** Accounts of each kind that sign in, twice, in a round. */
const ACCOUNTS = 4

type Kind = keyof LegacyHashesMade
const KINDS: Readonly<Record<Kind, string>> = {
  pbkdf2: 'Django’s pbkdf2 of 1 000 000',
  bcrypt: 'bcrypt 12',
  wrapped: 'Django’s md5, wrapped',
}

/** How long logins took in one round, and what they are made of, in milliseconds. */
type Round = {
  readonly first: number
  readonly second: number
  readonly oldHash: number
  readonly argon2id: number
}

/**
 * How long the first and the second login of an account take whose hash another back end made, one at a time: the first
 * by its old hash and one argon2id, the second by one argon2id, each made by itself in the same round.
 */
export async function measureLegacyLogins(): Promise<readonly Row[]> {
  const folder = makeFolder()
  await fill(folder)
  const server = await startLatchkey(folder, { env: { LATCHKEY_SECRET: SECRET } })
  const hasher = startLegacyHasher()
  try {
    const hash = async (work: LegacyHashTask['work']) => median((await hasher.run({ work, times: ACCOUNTS })).times)
    const rounds: Record<Kind, Round[]> = { pbkdf2: [], bcrypt: [], wrapped: [] }
    // Round 0 warms up.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const kind of Object.keys(KINDS) as Kind[]) {
        const oldHash = await hash(kind)
        const first = await logIn(server.port, kind, round)
        const argon2id = await hash('argon2')
        const second = await logIn(server.port, kind, round)
        if (round > 0) rounds[kind].push({ first, second, oldHash, argon2id })
      }
      showProgress(`legacy-logins: round ${round} of ${ROUNDS}`)
    }
    return (Object.keys(KINDS) as Kind[]).flatMap((kind) => toRows(kind, rounds[kind]))
  } finally {
    await Promise.all([server.stop(), hasher.stop()])
  }
}

async function fill(folder: string): Promise<void> {
  const site = await openSite(folder)
  const hashes = await makeLegacyHashes(PASSWORD, IN_FORCE)
  for (const kind of Object.keys(KINDS) as Kind[]) {
    const emails = Array.from({ length: ROUNDS + 1 }, (_, round) => namesOf(kind, round)).flat()
    await site.addAccounts(emails, { passwordHash: hashes[kind] })
  }
  await site.close()
}

function namesOf(kind: Kind, round: number): string[] {
  return Array.from({ length: ACCOUNTS }, (_, index) => `${kind}-${round}-${index}@example.com`)
}

/** How long it took an account of a round to sign in, over HTTP on a connection of its own. */
async function logIn(port: number, kind: Kind, round: number): Promise<number> {
  const times: number[] = []
  for (const email of namesOf(kind, round)) {
    const body = { email, password: PASSWORD }
    const request = writeRequest({ method: 'POST', path: '/api/users/login/', body })
    const started = performance.now()
    const answer = await askOnce(port, request)
    times.push(performance.now() - started)
    if (answer.status !== 200) throw new Error(`A login was answered with ${answer.status}: ${answer.body}`)
  }
  return median(times)
}

function toRows(kind: Kind, rounds: readonly Round[]): Row[] {
  const figures = { reach: null, reachInWords: '', rounds }
  return [
    {
      ...figures,
      measure: `first login, ${KINDS[kind]}`,
      value: `${median(rounds.map(({ first }) => first)).toFixed(1)} ms`,
      ratio: median(rounds.map(({ first, oldHash, argon2id }) => first / (oldHash + argon2id))),
      against: 'the old hash and one argon2id',
    },
    {
      ...figures,
      measure: `second login, ${KINDS[kind]}`,
      value: `${median(rounds.map(({ second }) => second)).toFixed(1)} ms`,
      ratio: median(rounds.map(({ second, argon2id }) => second / argon2id)),
      against: 'one argon2id',
    },
  ]
}
