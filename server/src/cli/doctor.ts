import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/config-error.ts'
import { readConfig } from '../read-config.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { checkDatabase } from './doctor/check-database.ts'
import { checkExposure } from './doctor/check-exposure.ts'
import { checkFiles } from './doctor/check-files.ts'
import { checkLegacyServers } from './doctor/check-legacy-servers.ts'
import { checkClock } from './doctor/check-machine.ts'
import { checkPasswords } from './doctor/check-passwords.ts'
import type { Finding } from './doctor/finding.ts'
import { alignRows, printJson } from './print.ts'
import { readArguments } from './read-arguments.ts'

const OPTIONS = { json: JSON_OPTION } as const

/** `latchkey doctor`. */
export const doctor: Command = {
  name: 'doctor',
  summary: 'checks that all is well, and says what to do where it is not',
  operands: [],
  options: OPTIONS,
  notes: [
    'It makes and changes nothing: a database that is not there, or not up to date, is told. The exit code is 1 if any line says FAIL.',
  ],
  run,
}

async function run({ args, stdout, env }: CommandContext): Promise<ExitCode> {
  const given = readArguments(args, { operands: [], options: OPTIONS })
  const { config, findings: settings } = checkSettings(env)
  const findings: Finding[] = [{ about: 'node', level: 'ok', says: `Node ${process.versions.node}` }, ...settings]
  if (config !== null) {
    findings.push(checkClock(config, Date.now()), ...checkFiles(config))
    findings.push(...(await checkDatabase(config)), ...checkExposure(config), ...(await checkPasswords(config)))
    findings.push(...(await checkLegacyServers(config)))
  }
  const isWell = findings.every(({ level }) => level !== 'FAIL')
  if (given.flag('json')) printJson(stdout, { ok: isWell, findings })
  else stdout.write(`${alignRows(findings.map(({ level, about, says }) => [level, about, says])).join('\n')}\n`)
  return isWell ? 0 : 1
}

function checkSettings(env: CommandContext['env']): { config: Config | null; findings: readonly Finding[] } {
  try {
    const config = readConfig(env)
    return { config, findings: [{ about: 'settings', level: 'ok', says: 'all sound' }] }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { config: null, findings: error.problems.map((says) => ({ about: 'settings', level: 'FAIL', says })) }
  }
}
