import { UNREADABLE_FORMAT } from '../../core/legacy-port.ts'
import type { Inspection } from '../../inspect-database.ts'
import type { Finding } from './finding.ts'

const ABOUT = 'passwords'

/** Says how many accounts still have hashes that another back end made. */
export function checkLegacyHashes({ accounts, formats }: NonNullable<Inspection['legacyHashes']>): readonly Finding[] {
  const { [UNREADABLE_FORMAT]: unreadable = 0, ...readable } = formats
  const count = Object.values(readable).reduce((sum, each) => sum + each, 0)
  const findings: Finding[] = []
  if (count > 0) {
    const each = Object.entries(readable).map(([format, count]) => `${format} ${count}`)
    const says =
      `hashes of a back end before: ${count} of ${accounts} accounts (${each.join(', ')}). Each is replaced when its ` +
      'owner next signs in'
    findings.push({ about: ABOUT, level: 'ok', says })
  }
  if (unreadable > 0) {
    const says =
      `accounts whose hash of a back end before cannot be checked here: ${unreadable}. They cannot sign in until they set ` +
      'a new password: let them reset it, or name the back end before in LATCHKEY_LEGACY_…_URL'
    findings.push({ about: ABOUT, level: 'warn', says })
  }
  return findings
}
