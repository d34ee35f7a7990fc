import type { LegacyLogin } from '../http/legacy-login.ts'
import { legacy as drfJwt } from './drf-jwt/legacy.ts'
import { legacy as drfToken } from './drf-token/legacy.ts'
import { legacy as expressJwt } from './express-jwt/legacy.ts'
import { legacy as simplejwt } from './simplejwt/legacy.ts'

/** How the old server of each contract is asked for a login, by the contract's slug. */
export const LEGACY_LOGINS: Readonly<Record<string, LegacyLogin>> = {
  'drf-jwt': drfJwt,
  'drf-token': drfToken,
  'express-jwt': expressJwt,
  simplejwt,
}
