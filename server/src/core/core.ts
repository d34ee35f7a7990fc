import type { Account, Authenticated } from './account.ts'
import * as administration from './administration.ts'
import { askForLetter } from './ask-for-letter.ts'
import { listAudit, noteRestore, pruneAudit } from './audit-log.ts'
import { authenticate, type Login } from './authenticate.ts'
import { authenticateService, recallService, type ServiceCredentials } from './authenticate-service.ts'
import { changePassword, type PasswordChange } from './change-password.ts'
import { checkAccess, recallAccess } from './check-access.ts'
import { type DeliveryFailure, deliverEvents } from './deliver-events.ts'
import { deliverLetters } from './deliver-letters.ts'
import { endSession } from './end-session.ts'
import type { Problem } from './errors.ts'
import { type ExportRequest, exportAccounts } from './export-accounts.ts'
import { type ImportRequest, importAccounts } from './import-accounts.ts'
import {
  type Beginning,
  type BeginRequest,
  beginImport,
  type ImportReview,
  type ImportState,
  reviewImports,
} from './import-state.ts'
import { introspect, type LiveToken } from './introspect.ts'
import type { LetterPurpose } from './mail.ts'
import {
  type ExtraClaims,
  openJwtSession,
  openKeySession,
  openPairSession,
  type SessionRequest,
  type TokenRequest,
} from './open-session.ts'
import type {
  AuditFilter,
  ChainedAuditEntry,
  LegacyAnswers,
  LegacySource,
  Ports,
  PublicKey,
  ServiceClient,
  StoredAccount,
  WaitingDelivery,
} from './ports.ts'
import { type Pruned, prune } from './prune.ts'
import { type Registration, register } from './register.ts'
import { type PasswordReset, resetPassword } from './reset-password.ts'
import { revokeToken } from './revoke-token.ts'
import * as serviceClients from './service-clients.ts'
import type { Access, Client, Session, SignedIn } from './session.ts'
import { keepKeys, type ListedKey, listSigningKeys, revokeKey, rotateKeys } from './signing-keys.ts'
import { testWebhook } from './test-webhook.ts'
import { clearThrottles, listThrottles, type Throttle, type ThrottleSubject } from './throttles.ts'
import { endSessionByRefreshToken, refreshAccess, verifyToken } from './token-data.ts'
import { type ProfileChange, updateProfile } from './update-profile.ts'
import { type AuditVerdict, type VerifyOptions, verifyAudit } from './verify-audit.ts'
import { verifyEmail } from './verify-email.ts'

/**
 * What the product can do: every verb, already bound to the store it works on. A door gets this and nothing else.
 * Each verb's own file says what it throws.
 */
export type Core = {
  /** Makes an account from a door's registration. */
  register(registration: Registration, client: Client): Promise<Authenticated>
  /** Proves a password. */
  authenticate(login: Login): Promise<Authenticated>

  /** Opens a session with an opaque key. */
  openKeySession(authenticated: Authenticated, request: SessionRequest): Promise<{ session: Session; key: string }>
  /** Opens a session with one signed token. */
  openJwtSession(
    authenticated: Authenticated,
    request: SessionRequest & { readonly claims: ExtraClaims },
  ): Promise<{ session: Session; token: string }>
  /** Opens a session with an access and a refresh token. */
  openPairSession(
    authenticated: Authenticated,
    request: SessionRequest & TokenRequest & { readonly accessLifetime: number },
  ): Promise<{ session: Session; access: string; refresh: string }>

  /** Finds out whose live token this is. */
  checkAccess(token: string, client: Client): Promise<Access>
  /** Whose live token this was found to be a moment ago, at once; `null` where that must be found out. */
  recallAccess(token: string): Access | null
  /** Ends the session that a token belongs to. */
  endSession(owner: SignedIn, client: Client): Promise<void>
  /** Makes a new access token from a refresh token. */
  refreshAccess(
    token: string,
    request: TokenRequest & { accessLifetime: number; client: Client },
  ): Promise<{ access: string; expiresIn: number }>
  /** Ends the session of a refresh token. */
  endSessionByRefreshToken(token: string, client: Client): Promise<void>
  /** Says whether a signed token is alive. */
  verifyToken(token: string, client: Client): Promise<Access>

  /** Finds out which service is asking; `null` for whoever is none. */
  authenticateService(credentials: ServiceCredentials, client: Client): Promise<ServiceClient | null>
  /** Which service was found to be asking a moment ago, at once; `null` where that must be found out. */
  recallService(credentials: ServiceCredentials): ServiceClient | null
  /** Says of any text whether it is a live token, and whose. */
  introspect(token: string, request: { client: Client; takesRefresh: boolean }): Promise<LiveToken | null>
  /** Ends the session of a live token on a service's word. */
  revokeToken(token: string, request: { service: ServiceClient; client: Client }): Promise<void>

  /** Changes the password of a signed-in account. */
  changePassword(owner: SignedIn, change: PasswordChange): Promise<void>
  /** Changes the profile of a signed-in account. */
  updateProfile(owner: SignedIn, change: ProfileChange & { readonly client: Client }): Promise<Account>

  /** Asks for a letter to an address; nobody learns whether anybody has it. */
  askForLetter(request: { purpose: LetterPurpose; email: string; client: Client }): Promise<void>
  /** Sets a new password with the token of a letter. */
  resetPassword(reset: PasswordReset): Promise<void>
  /** Takes the proof of an address; says whether it was good. */
  verifyEmail(token: string, client: Client): Promise<boolean>
  /** Sends the letters that are due. */
  deliverLetters(): Promise<{ sent: number; failures: readonly unknown[] }>
  /** Tells the webhook of events that are due. */
  deliverEvents(options: {
    limit: number
    signal?: AbortSignal
  }): Promise<{ delivered: number; failures: readonly DeliveryFailure[] }>

  /** The public halves of the keys whose tokens are good or will be, newest first. */
  listPublicKeys(): Promise<readonly PublicKey[]>
  /** Adds and removes signing keys that are due. */
  keepKeys(options: { days: number; since: number }): Promise<{ added: number; removed: number }>

  /** What only an operator may do. */
  readonly administration: Administration
  /** Forgets what no request can need any more. */
  prune(): Promise<Pruned>
  /** Forgets entries of the audit log that are older than so many days; says how many. */
  pruneAudit(days: number): Promise<number>
}

/** The operator's verbs; the command line is their door. */
export type Administration = {
  createAccount(registration: Registration, options: { isStaff: boolean }): Promise<Account>
  findAccount(text: string): Promise<Account | null>
  listAccounts(page: { after: number; limit: number; isWeakOnly?: boolean }): Promise<readonly Account[]>
  setActive(accountId: number, isActive: boolean): Promise<Account | null>
  setPassword(accountId: number, password: string, problems?: readonly Problem[]): Promise<boolean>
  deleteAccount(accountId: number): Promise<boolean>
  listSessions(filter: { accountId?: number; limit: number }): Promise<readonly Session[]>
  revokeSession(sessionId: string): Promise<boolean>
  revokeSessions(accountId: number): Promise<number>
  /** Ends every session and every one-time token of everybody. */
  revokeEverySession(): Promise<{ sessions: number; oneTimeTokens: number }>
  /** Counters of attempts, those that block longest first. */
  listThrottles(filter: { subject: ThrottleSubject; isBlocked: boolean; limit: number }): Promise<readonly Throttle[]>
  /** Forgets counters; says how many. */
  clearThrottles(subject: ThrottleSubject): Promise<number>
  /** Every signing key, newest first. */
  listSigningKeys(): Promise<readonly ListedKey[]>
  /** Adds the key that signs next, after it was published for so many milliseconds. */
  rotateKeys(options: { lead: number }): Promise<{ isAdded: boolean; keys: readonly ListedKey[] }>
  /** Revokes a key and with it all that it signed; `null` where there is none to revoke. */
  revokeKey(kid: string): Promise<{ keys: readonly ListedKey[]; sessions: number } | null>
  /** Entries of the audit log, oldest first. */
  listAudit(filter: AuditFilter): Promise<readonly ChainedAuditEntry[]>
  /** Finds out whether the audit log is as it was written. */
  verifyAudit(options?: VerifyOptions): Promise<AuditVerdict>
  /** Records that the database was put back to what it was at a time. */
  noteRestore(backup: { madeAt: string | null }): void
  /** Tells the webhook that this is a test; `null` where there is none. */
  testWebhook(): Promise<'taken' | 'gone' | null>
  /** Events that the webhook has not been told yet, oldest first. */
  listDeliveries(limit: number): Promise<readonly WaitingDelivery[]>
  /** What old servers were asked so far, by contract. */
  listLegacyAnswers(): Promise<readonly LegacyAnswers[]>
  /** Finds out where an import is to begin. */
  beginImport(request: BeginRequest): Promise<Beginning>
  /** Moves the accounts and the tokens of another back end in. */
  importAccounts(request: ImportRequest): Promise<ImportState>
  /** What has been moved in, and how much of it is still as it came. */
  reviewImports(): Promise<ImportReview>
  /** Gives every account with its hash, a page at a time, and records that. */
  exportAccounts(request: ExportRequest): AsyncIterable<readonly StoredAccount[]>
  /** The back ends before whose accounts have ids. */
  listLegacySources(): Promise<readonly LegacySource[]>
  /** Registers a service; its secret is told here alone. `null` when its name is taken. */
  createServiceClient(service: {
    name: string
    mayRevoke: boolean
  }): Promise<{ client: ServiceClient; secret: string } | null>
  findServiceClient(text: string): Promise<ServiceClient | null>
  listServiceClients(): Promise<readonly ServiceClient[]>
  /** Gives a service a new secret, told here alone. */
  rotateServiceSecret(id: string, options: { grace: number }): Promise<{ client: ServiceClient; secret: string } | null>
  deleteServiceClient(client: ServiceClient): Promise<boolean>
}

/** Binds every verb to its ports. */
export function createCore(ports: Ports): Core {
  return {
    register: (registration, client) => register(ports, registration, client),
    authenticate: (login) => authenticate(ports, login),
    openKeySession: (authenticated, request) => openKeySession(ports, authenticated, request),
    openJwtSession: (authenticated, request) => openJwtSession(ports, authenticated, request),
    openPairSession: (authenticated, request) => openPairSession(ports, authenticated, request),
    checkAccess: (token, client) => checkAccess(ports, token, client),
    recallAccess: (token) => recallAccess(ports, token),
    endSession: (access, client) => endSession(ports, access, client),
    refreshAccess: (token, request) => refreshAccess(ports, token, request),
    endSessionByRefreshToken: (token, client) => endSessionByRefreshToken(ports, token, client),
    verifyToken: (token, client) => verifyToken(ports, token, client),
    authenticateService: (credentials, client) => authenticateService(ports, credentials, client),
    recallService: (credentials) => recallService(ports, credentials),
    introspect: (token, request) => introspect(ports, token, request),
    revokeToken: (token, request) => revokeToken(ports, token, request),
    changePassword: (access, change) => changePassword(ports, access, change),
    updateProfile: (access, change) => updateProfile(ports, access, change),
    askForLetter: (request) => askForLetter(ports, request),
    resetPassword: (reset) => resetPassword(ports, reset),
    verifyEmail: (token, client) => verifyEmail(ports, token, client),
    deliverLetters: () => deliverLetters(ports),
    deliverEvents: (options) => deliverEvents(ports, options),
    listPublicKeys: () => ports.signer.listPublicKeys(),
    keepKeys: (options) => keepKeys(ports, options),
    administration: {
      createAccount: (registration, options) => administration.createAccount(ports, registration, options),
      findAccount: (text) => administration.findAccount(ports, text),
      listAccounts: (page) => administration.listAccounts(ports, page),
      setActive: (accountId, isActive) => administration.setActive(ports, accountId, isActive),
      setPassword: (accountId, password, problems) => administration.setPassword(ports, accountId, password, problems),
      deleteAccount: (accountId) => administration.deleteAccount(ports, accountId),
      listSessions: (filter) => administration.listSessions(ports, filter),
      revokeSession: (sessionId) => administration.revokeSession(ports, sessionId),
      revokeSessions: (accountId) => administration.revokeSessions(ports, accountId),
      revokeEverySession: () => administration.revokeEverySession(ports),
      listThrottles: (filter) => listThrottles(ports, filter),
      clearThrottles: (subject) => clearThrottles(ports, subject),
      listSigningKeys: () => listSigningKeys(ports),
      rotateKeys: (options) => rotateKeys(ports, options),
      revokeKey: (kid) => revokeKey(ports, kid),
      listAudit: (filter) => listAudit(ports, filter),
      verifyAudit: (options) => verifyAudit(ports, options),
      noteRestore: (backup) => noteRestore(ports, backup),
      testWebhook: () => testWebhook(ports),
      listDeliveries: (limit) => ports.store.listDeliveries(limit),
      listLegacyAnswers: () => ports.store.listLegacyAnswers(),
      beginImport: (request) => beginImport(ports, request),
      importAccounts: (request) => importAccounts(ports, request),
      reviewImports: () => reviewImports(ports),
      exportAccounts: (request) => exportAccounts(ports, request),
      listLegacySources: () => ports.store.listLegacySources(),
      createServiceClient: (service) => serviceClients.createServiceClient(ports, service),
      findServiceClient: (text) => serviceClients.findServiceClient(ports, text),
      listServiceClients: () => serviceClients.listServiceClients(ports),
      rotateServiceSecret: (id, options) => serviceClients.rotateServiceSecret(ports, id, options),
      deleteServiceClient: (client) => serviceClients.deleteServiceClient(ports, client),
    },
    prune: () => prune(ports),
    pruneAudit: (days) => pruneAudit(ports, days),
  }
}
