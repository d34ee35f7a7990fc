import { isLetterWanted } from './ask-for-letter.ts'
import { TOKEN_LIFE, toUid } from './mail.ts'
import type { DueLetter, Ports } from './ports.ts'

/** How long a letter is left to whoever took it, before somebody else may try, in milliseconds. Doubles each time. */
const FIRST_LEASE = 60_000
/** After so many tries a letter is given up: its sender has long asked for another. */
const MOST_TRIES = 6

/**
 * Sends the letters that are due. Each is taken by one process only; one that cannot be sent is tried again later, with
 * a token of its own.
 *
 * @returns how many were sent, and what went wrong with the others.
 */
export async function deliverLetters(
  ports: Pick<Ports, 'store' | 'tokens' | 'mailer' | 'now'>,
): Promise<{ sent: number; failures: readonly unknown[] }> {
  const due = await ports.store.takeDueLetters({ now: ports.now(), lease: FIRST_LEASE, limit: 20 })
  const failures: unknown[] = []
  let sent = 0
  for (const letter of due) {
    try {
      if (await deliver(ports, letter)) sent++
      await ports.store.removeLetter(letter.id)
    } catch (error) {
      failures.push(error)
      if (letter.tries >= MOST_TRIES) await ports.store.removeLetter(letter.id)
    }
  }
  return { sent, failures }
}

async function deliver(
  { store, tokens, mailer, now }: Pick<Ports, 'store' | 'tokens' | 'mailer' | 'now'>,
  { purpose, accountId }: DueLetter,
): Promise<boolean> {
  const account = accountId === null ? null : await store.findAccount({ by: 'id', id: accountId })
  if (account === null || account.email === null || mailer === null || !isLetterWanted(purpose, account)) return false
  const token = tokens.makeSecret()
  await store.addOneTimeToken({
    tokenHash: tokens.digest(token),
    purpose,
    accountId: account.id,
    email: account.email,
    expiresAt: now() + TOKEN_LIFE[purpose],
  })
  await mailer.send({ purpose, to: account.email, name: account.profile.name, uid: toUid(account.id), token })
  return true
}
