import type { Config } from '../../config/config.ts'
import { findLegacyServers, wordLegacyServers } from '../../config/legacy-servers.ts'
import type { LegacyAnswers } from '../../core/ports.ts'
import { type LegacyServerSetting, probeLegacyServer } from '../../legacy/probe-legacy-server.ts'
import { wordLegacyAnswers } from '../word-legacy-answers.ts'
import type { Finding } from './finding.ts'

const ABOUT = 'old server'

/** Looks at whether the old servers that are set refuse a name that nobody has, and at what they said so far. */
export async function checkLegacyServers(config: Config): Promise<readonly Finding[]> {
  const probed = await Promise.all(findLegacyServers(config).map(checkServer))
  return [...wordLegacyServers(config).map((says): Finding => ({ about: ABOUT, level: 'warn', says })), ...probed]
}

/** Says what came of the questions so far. */
export function checkLegacyAnswers(answers: readonly LegacyAnswers[]): readonly Finding[] {
  return wordLegacyAnswers(answers).map((says) => ({ about: ABOUT, level: 'ok', says }))
}

async function checkServer({ contract, setting, url }: LegacyServerSetting): Promise<Finding> {
  try {
    const { address, refuses } = await probeLegacyServer({ contract, url })
    if (refuses)
      return { about: ABOUT, level: 'ok', says: `${address} refuses a name that nobody has, as ${contract} does` }
    const says = `${address} answers a name that nobody has in a way that is not ${contract}’s: check ${setting}`
    return { about: ABOUT, level: 'warn', says }
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'for an unknown reason'
    const says = `${url} cannot be asked (${reason}): nobody is moved in by ${contract} until it can. Once it is off for good, remove ${setting}`
    return { about: ABOUT, level: 'warn', says }
  }
}
