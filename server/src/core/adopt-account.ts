import type { Account, Credential } from './account.ts'
import { type Attempt, NOTHING_OWED } from './attempts.ts'
import type { Login } from './authenticate.ts'
import { type Identifier, type IdentifierKind, normaliseIdentifier } from './identifier.ts'
import { DEFAULT_SOURCE } from './legacy-port.ts'
import type { LegacyServers, Ports, ShownAccount } from './ports.ts'
import { isStorable, stripOuterSpace } from './text.ts'
import { toAdoptedAccount } from './to-adopted-account.ts'
import { verifyPassword } from './verify-password.ts'

/** A login that failed here. */
export type FailedLogin = {
  readonly login: Login
  readonly identifier: Identifier
  /** Who has the name, whether or not the door takes that kind. */
  readonly owner: (Credential & { readonly kind: IdentifierKind; readonly isClaimed: boolean }) | null
  /** The same, where the door takes it. */
  readonly credential: Credential | null
  readonly attempt: Attempt
}

/** Whose password was proved after all, and in which spelling. */
export type Proof = { readonly credential: Credential; readonly matched: string }

/** What came of it; `isNameKnown` where the back end before told that somebody there has the name. */
export type AdoptionAttempt = { readonly proof: Proof | null; readonly isNameKnown: boolean }

const NOTHING: AdoptionAttempt = { proof: null, isNameKnown: false }

type AdoptionPorts = Pick<Ports, 'store' | 'passwords' | 'tokens' | 'audit' | 'now' | 'legacyServers'>

/** The longest name that a back end before is asked about. */
const LONGEST_NAME = 254

/**
 * Tries a login that failed here once at the server of the back end before: where nobody has the name, where somebody only
 * claimed it, and where its hash cannot be checked. Who gets in there is moved in, and the next time nobody is asked. Every
 * other failing login takes as long as if somebody had been asked. The attempt stays counted, whatever comes of it.
 *
 * @throws {AuthError} `overloaded`.
 */
export async function adoptAccount(ports: AdoptionPorts, failed: FailedLogin): Promise<AdoptionAttempt> {
  const { legacyServers } = ports
  const { identifier, password, client } = failed.login
  const { contract } = client
  if (legacyServers === null || !legacyServers.has(contract)) return NOTHING
  if (!isAsked(ports, failed)) {
    await failAsSlowly(ports, failed.login)
    return NOTHING
  }
  const answer = await legacyServers.ask(contract, { identifier, password })
  if (answer.verdict === 'unavailable') return NOTHING
  if (answer.verdict === 'refused') return { proof: null, isNameKnown: answer.knowsName }
  try {
    return { proof: await moveIn({ ...ports, legacyServers }, failed, answer.shown), isNameKnown: false }
  } catch (error) {
    await ports.store.settleAttempts(failed.attempt.onRelease)
    throw error
  }
}

/** Takes as long as a login that fails: what is refused with the right password is not to be told from a wrong one. */
export async function failAsSlowly({ legacyServers }: Pick<Ports, 'legacyServers'>, { client }: Login): Promise<void> {
  if (legacyServers?.has(client.contract)) await legacyServers.pause(client.contract)
}

function isAsked({ passwords }: Pick<Ports, 'passwords'>, { login, owner, credential }: FailedLogin): boolean {
  const { identifier, password, kinds } = login
  if (!isStorable(identifier) || !isStorable(password) || identifier.length > LONGEST_NAME) return false
  // A door that takes addresses alone would move somebody in by what is none.
  if (kinds !== undefined && !kinds.includes('username') && !identifier.includes('@')) return false
  if (owner === null || isOnlyClaimed(owner)) return true
  return isUnreadable(passwords, credential?.passwordHash ?? null)
}

function isOnlyClaimed({ isClaimed, kind, account }: Exclude<FailedLogin['owner'], null>): boolean {
  return isClaimed && !(kind === 'email' && account.emailVerified)
}

/** No hash at all is none that a back end before would know: the account has no password. */
function isUnreadable(passwords: Ports['passwords'], passwordHash: string | null): passwordHash is string {
  return passwordHash !== null && !passwords.canCheck(passwordHash)
}

async function moveIn(
  ports: AdoptionPorts & { readonly legacyServers: LegacyServers },
  failed: FailedLogin,
  shown: ShownAccount,
): Promise<Proof | null> {
  const { store, passwords, tokens, legacyServers, now } = ports
  const { login, identifier, credential, owner } = failed
  if (owner !== null && credential !== null && !isOnlyClaimed(owner)) {
    return movePasswordIn(ports, failed, { credential, shown })
  }
  const sources = legacyServers.sourcesOf(login.client.contract)
  const passwordHash = await passwords.hash(toKept(login.password))
  const account = toAdoptedAccount({ login, identifier, shown })
  const adopted = await store.adoptAccount({
    account: { ...account, subject: tokens.makeId(), passwordHash, createdAt: now() },
    typed: identifier,
    sources,
    legacyId: shown.legacyId,
  })
  if (adopted.account === null) return proveHere(ports, failed, { accountId: adopted.owner, shown })
  const { account: made, handedOver } = adopted
  tellAdopted(ports, failed, { account: made, what: 'account' })
  for (const accountId of handedOver) {
    const detail = { to: `${made.id}` }
    ports.audit.record({ type: 'name_handed_over', actor: 'server', accountId, client: login.client, detail })
  }
  const version = account.credentialVersion
  return { credential: { account: made, passwordHash, credentialVersion: version }, matched: login.password }
}

/** Puts a hash of our own in place of one that cannot be checked. */
async function movePasswordIn(
  ports: AdoptionPorts & { readonly legacyServers: LegacyServers },
  failed: FailedLogin,
  { credential, shown }: { credential: Credential; shown: ShownAccount },
): Promise<Proof | null> {
  const { store, passwords } = ports
  const { password } = failed.login
  const { account, passwordHash: expected } = credential
  if (!(await isSameAccount(ports, failed, { account, shown }))) return null
  // That it is disabled is told by whoever asked; its password stays where it is.
  if (!account.isActive || expected === null) return { credential, matched: password }
  const passwordHash = await passwords.hash(toKept(password))
  if (!(await store.upgradePasswordHash(account.id, expected, passwordHash))) {
    return proveHere(ports, failed, { accountId: account.id, shown: null })
  }
  tellAdopted(ports, failed, { account, what: 'password' })
  return { credential: { ...credential, passwordHash }, matched: password }
}

/** Names may have changed hands at the back end before since the account was imported; ids do not. */
async function isSameAccount(
  { store, legacyServers }: AdoptionPorts & { readonly legacyServers: LegacyServers },
  { login }: FailedLogin,
  { account, shown }: { account: Account; shown: ShownAccount },
): Promise<boolean> {
  if (shown.legacyId === null) return true
  const ids = await store.listLegacyIds(account.id)
  const sources = legacyServers.sourcesOf(login.client.contract)
  const told = ids.filter(({ source }) => source === DEFAULT_SOURCE || sources.includes(source))
  return told.length === 0 || told.some(({ legacyId }) => legacyId === shown.legacyId)
}

/**
 * Whether more than an id speaks for an account's being the one that was shown. Of an import that did not say of which
 * source it was, the ids may be those of another back end: there a name has to be the same too.
 */
async function isKnownBesides(
  { store, legacyServers }: AdoptionPorts & { readonly legacyServers: LegacyServers },
  { login }: FailedLogin,
  { account, shown }: { account: Account; shown: ShownAccount },
): Promise<boolean> {
  const sources = legacyServers.sourcesOf(login.client.contract)
  const ids = await store.listLegacyIds(account.id)
  if (ids.some(({ source, legacyId }) => sources.includes(source) && legacyId === shown.legacyId)) return true
  const normalise = (names: readonly (string | null)[]) =>
    names.flatMap((name) => (name === null ? [] : [normaliseIdentifier(name)]))
  const own = normalise([account.email, account.username])
  return normalise([shown.email, shown.username]).some((name) => own.includes(name))
}

/**
 * Whose name or id it is by now decides: somebody moved in meanwhile, or before by another name. From then on the
 * password here counts, and not the one that the back end before still has.
 */
async function proveHere(
  ports: AdoptionPorts & { readonly legacyServers: LegacyServers },
  failed: FailedLogin,
  { accountId, shown }: { accountId: number | null; shown: ShownAccount | null },
): Promise<Proof | null> {
  const { store, passwords } = ports
  const { identifier, login, attempt } = failed
  const named = accountId === null ? await store.findCredential(identifier) : null
  // A name of a kind that the door does not take is nobody's there.
  const isTaken = named === null || login.kinds === undefined || login.kinds.includes(named.kind)
  const credential = accountId === null ? named : await store.findCredentialById(accountId)
  if (credential === null || credential.passwordHash === null || !isTaken) return null
  const { account, passwordHash } = credential
  if (isUnreadable(passwords, passwordHash)) {
    const isSure = shown !== null && (named !== null || (await isKnownBesides(ports, failed, { account, shown })))
    return isSure ? movePasswordIn(ports, failed, { credential, shown }) : null
  }
  const checked = { passwordHash, isDecoy: false, password: login.password }
  // What keeps it from being judged gives the attempt back further up, once.
  const matched = await verifyPassword(ports, { ...checked, attempt: { ...attempt, onRelease: NOTHING_OWED } })
  return matched === null ? null : { credential, matched }
}

/** Stacks that strip what is typed took the stripped password; a stripped one is tried here too, so it is right for all. */
function toKept(password: string): string {
  return (stripOuterSpace(password) || password).normalize('NFC')
}

function tellAdopted(
  { audit, legacyServers }: AdoptionPorts & { readonly legacyServers: LegacyServers },
  { login }: FailedLogin,
  { account, what }: { account: Account; what: 'account' | 'password' },
): void {
  const { client } = login
  const accountId = account.id
  legacyServers.noteAdopted(client.contract)
  audit.record({ type: 'account_adopted', actor: { accountId }, accountId, client, detail: { what } })
}
