import { randomInt, randomUUID } from 'node:crypto'
import { beginAttempt } from '../../server/src/core/attempts.ts'
import { normaliseIdentifier } from '../../server/src/core/identifier.ts'
import { openKeySession } from '../../server/src/core/open-session.ts'
import type { TokenUse } from '../../server/src/core/ports.ts'
import type { Client } from '../../server/src/core/session.ts'
import { digest, emailOf, keyOf, sessionIdOf, subjectOf, USER_AGENT } from './made-up.ts'
import type { Site } from './open-site.ts'

/** A part of what requests do. */
export type Operation = {
  readonly name: string
  /** Whether it ends in a commit. */
  readonly isWrite: boolean
  /** Gets ready for one, for an account somewhere in the table; what it returns is what is timed. */
  prepare(site: Site): Promise<() => Promise<void>>
}

const LIFETIME = 3600

/** What is measured at every size. */
export const OPERATIONS: readonly Operation[] = [
  {
    name: 'login lookup',
    isWrite: false,
    async prepare({ ports, accounts }) {
      const email = emailOf(pick(accounts))
      return async () => expectFound(await ports.store.findCredential(email))
    },
  },
  {
    name: 'session check, key',
    isWrite: false,
    async prepare({ ports, accounts }) {
      const tokenHash = digest(keyOf(pick(accounts)))
      return async () => expectFound(await ports.store.findSessionByToken(tokenHash))
    },
  },
  {
    name: 'session check, JWT',
    isWrite: false,
    async prepare({ ports, accounts }) {
      const id = sessionIdOf(pick(accounts), 'pair')
      return async () => expectFound(await ports.store.findSession(id))
    },
  },
  {
    name: 'refresh',
    isWrite: false,
    async prepare(site) {
      const token = await signToken(site, pick(site.accounts), 'refresh')
      const options = { accessLifetime: LIFETIME, claims: () => ({}), client: makeClient() }
      return async () => expectFound(await site.core.refreshAccess(token, options))
    },
  },
  {
    name: 'registration',
    isWrite: true,
    async prepare({ ports }) {
      const name = randomUUID()
      const email = normaliseIdentifier(`${name.slice(0, 13)}.new@example.com`)
      const passwordHash = await ports.passwords.hash(name)
      const account = {
        subject: name,
        email,
        username: null,
        identifiers: [{ value: email, kind: 'email' as const }],
        profile: { name: 'Ada Lovelace', firstName: 'Ada', lastName: 'Lovelace', phoneNumber: '' },
        isActive: true,
        isStaff: false,
        hasWeakPassword: false,
        passwordHash,
        credentialVersion: 1,
        createdAt: Date.now(),
      }
      return async () => expectFound((await ports.store.createAccount(account)).account)
    },
  },
  {
    name: "login's commits",
    isWrite: true,
    async prepare(site) {
      const { ports, accounts } = site
      const credential = await ports.store.findCredential(emailOf(pick(accounts)))
      if (credential === null) throw new Error('An account that was loaded is not there.')
      const client = makeClient()
      const { id, hasWeakPassword } = credential.account
      return async () => {
        const attempt = await beginAttempt(ports, { target: { accountId: id, hasWeakPassword }, client })
        const authenticated = { ...credential, settlement: attempt.onSuccess }
        await openKeySession(ports, authenticated, { client, lifetime: LIFETIME })
      }
    },
  },
]

/** A token of the second session of an account, as it was given to its owner. */
export async function signToken({ ports }: Site, account: number, use: TokenUse): Promise<string> {
  const iat = Math.floor(Date.now() / 1000)
  return ports.signer.sign(
    {
      sub: subjectOf(account),
      sid: sessionIdOf(account, 'pair'),
      jti: ports.tokens.makeTokenId(),
      iat,
      exp: iat + LIFETIME,
      token_type: use,
      user_id: account,
    },
    { contract: 'simplejwt', profile: 'plain' },
  )
}

/** An account's number, somewhere in the table. */
export function pick(accounts: number): number {
  return randomInt(1, accounts + 1)
}

/** Somebody in one of sixteen million networks: two clients hardly ever share one's budget. */
function makeClient(): Client {
  const network = `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`
  return { network, userAgent: USER_AGENT, contract: 'drf-token', requestId: '1' }
}

function expectFound(found: unknown): void {
  if (found === null) throw new Error('What was loaded is not there.')
}
