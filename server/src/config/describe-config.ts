import type { Config, SettingKey } from './config.ts'
import { findMadeSecretFile } from './ensure-secret.ts'
import { findFilledText, findText, type TextSources } from './find-text.ts'
import type { SecretSource, Setting } from './setting.ts'
import { SETTINGS } from './settings.ts'

/** A setting as it holds now. */
export type EffectiveSetting = {
  readonly name: string
  /** The value in force, as it would be written; a secret is masked. */
  readonly value: string
  readonly from: 'environment' | '.env' | 'default' | 'file'
  readonly description: string
}

/** Says of every setting what holds and where it came from. `sources` are those that `config` was loaded from. */
export function describeConfig(config: Config, sources: TextSources): readonly EffectiveSetting[] {
  return keysOf(SETTINGS).flatMap((key) => describe(key))

  function describe<Key extends SettingKey>(key: Key): EffectiveSetting[] {
    const setting: Setting<Config[Key]> = SETTINGS[key]
    const { name, description, secret } = setting
    if (secret !== undefined) return describeSecret(key, setting, secret)
    const from = findFilledText(name, sources)?.origin ?? 'default'
    return [{ name, value: setting.write(config[key]), from, description }]
  }

  function describeSecret<Key extends SettingKey>(
    key: Key,
    { name, description, write }: Setting<Config[Key]>,
    secret: SecretSource,
  ): EffectiveSetting[] {
    const file = findText(secret.fileName, sources)
    const from = file === null ? (findText(name, sources)?.origin ?? 'default') : 'file'
    const isMade = key === 'secret' && config.secret === null
    const value = isMade ? describeMadeSecret() : write(config[key])
    return [
      { name, value, from, description },
      {
        name: secret.fileName,
        value: file?.text.trim() ?? '',
        from: file?.origin ?? 'default',
        description: secret.fileDescription,
      },
    ]
  }

  function describeMadeSecret(): string {
    const file = findMadeSecretFile(config)
    return file === null ? '(made anew at each start)' : `(kept in ${file})`
  }
}

function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] {
  const keys: Key[] = []
  for (const key in table) keys.push(key)
  return keys
}
