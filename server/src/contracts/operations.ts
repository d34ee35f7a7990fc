import type { DoorDescription } from '../http/operation.ts'
import { describeDrfJwt } from './drf-jwt/operations.ts'
import { describeDrfToken } from './drf-token/operations.ts'
import { describeExpressJwt } from './express-jwt/operations.ts'
import type { ContractSettings } from './index.ts'
import { describeSimplejwt } from './simplejwt/operations.ts'

/** What each contract says of itself, by its slug. Nothing here is loaded before somebody asks for the reference. */
export const DESCRIPTIONS: Readonly<Record<string, (settings: ContractSettings) => DoorDescription>> = {
  'drf-jwt': () => describeDrfJwt(),
  'drf-token': (settings) => describeDrfToken({ hasMail: settings.mailUrl !== null }),
  'express-jwt': () => describeExpressJwt(),
  simplejwt: (settings) => describeSimplejwt({ withCodes: settings.simplejwtCodes }),
}
