import { hash } from 'node:crypto'
import { broken, MOST, tooDear } from './bounds.ts'
import { digestHash } from './digest-hash.ts'
import type { LegacyFormat } from './legacy-hash.ts'
import { cutPassword, runRounds } from './rounds.ts'
import { readCryptDigit, writeCrypt64 } from './text-forms.ts'

const LEAST_LOG2 = 7
/** What PHP's `trim` takes for white space, which WordPress calls on a password before it hashes it. */
const PHP_SPACE = ' \t\n\r\0\v'

/** phpass' portable hashes, of WordPress (`$P$`) and phpBB (`$H$`): MD5 over and over. */
export const PHPASS: LegacyFormat = {
  name: 'phpass',
  read(stored) {
    if (!/^\$[PH]\$/.test(stored)) return null
    const [, digit, salt, digestText] =
      /^\$[PH]\$([./A-Za-z0-9])([\x21-\x7e]{8})([./A-Za-z0-9]{22})$/.exec(stored) ?? []
    const log2 = readCryptDigit(digit ?? '')
    if (salt === undefined || digestText === undefined || log2 < LEAST_LOG2) return broken('a phpass hash')
    if (log2 > MOST.phpassLog2) return tooDear('a phpass hash', `2^${log2} rounds`, `2^${MOST.phpassLog2}`)
    return digestHash({
      digest: async (password) => {
        const { bytes, isWhole } = cutPassword(password)
        let digest = hash('md5', Buffer.concat([Buffer.from(salt), bytes]), 'buffer')
        await runRounds(2 ** log2, () => {
          digest = hash('md5', Buffer.concat([digest, bytes]), 'buffer')
        })
        return Buffer.from(isWhole ? writeCrypt64([...digest]) : '')
      },
      expected: Buffer.from(digestText),
      stored,
      digestText,
      zero: '.',
      isQuick: true,
      spell: (password) => [trimAsPhp(password)],
    })
  },
}

function trimAsPhp(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && PHP_SPACE.includes(text.charAt(start))) start++
  while (end > start && PHP_SPACE.includes(text.charAt(end - 1))) end--
  return text.slice(start, end)
}
