import { SETTINGS } from './settings.ts'

/** A setting as people read of it. */
export type SettingDescription = {
  readonly name: string
  /** As it would be written, or in words. */
  readonly default: string
  readonly description: string
}

/** Every environment variable that Latchkey reads, in order: for help, documentation and suggestions. */
export function listSettings(): readonly SettingDescription[] {
  return Object.values(SETTINGS).flatMap((setting) => {
    const { name, description, secret } = setting
    const words = setting.defaultInWords ?? (typeof setting.default === 'string' ? setting.default : '')
    const own = { name, default: words, description }
    return secret === undefined
      ? [own]
      : [own, { name: secret.fileName, default: 'none', description: secret.fileDescription }]
  })
}
