import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { digest } from '../scale/made-up.ts'

/** A user of a Django back end, known by its number alone. */
export type MadeUpUser = {
  readonly id: number
  readonly username: string
  readonly email: string
  readonly password: string
}

/** User number `n`. The first letters of the names are random, as those of people are, and so is all of the hash. */
export function makeUpUser(n: number): MadeUpUser {
  const hex = digest(`user ${n}`)
  const password = `pbkdf2_sha256$1000000$${hex.slice(0, 22)}$${Buffer.from(hex, 'hex').toString('base64')}`
  return { id: n, username: `${hex.slice(0, 7)}.${n}`, email: `${hex.slice(7, 14)}.${n}@example.com`, password }
}

/** Writes so many lines to a file. */
export async function writeLines(file: string, count: number, line: (n: number) => string): Promise<void> {
  const stream = createWriteStream(file, { highWaterMark: 1 << 20 })
  for (let n = 1; n <= count; n++) {
    if (!stream.write(line(n))) await once(stream, 'drain')
  }
  stream.end()
  await once(stream, 'close')
}

/** A dump of Django's, as `dumpdata auth.user` writes it: one array, an object for each user. */
export function writeDump(file: string, count: number): Promise<void> {
  return writeLines(file, count, (n) => {
    const { id, ...fields } = makeUpUser(n)
    const user = {
      model: 'auth.user',
      pk: id,
      fields: {
        ...fields,
        last_login: '2026-01-02T03:04:05.678Z',
        is_superuser: false,
        first_name: 'Ada',
        last_name: 'Lovelace',
        is_staff: false,
        is_active: true,
        date_joined: '2015-03-01T12:00:00Z',
        groups: [],
        user_permissions: [],
      },
    }
    return `${n === 1 ? '[' : ',\n'}${JSON.stringify(user)}${n === count ? ']\n' : ''}`
  })
}
