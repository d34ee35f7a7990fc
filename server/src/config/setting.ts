import type { Config } from './config.ts'

/** One setting: everything that loading it, showing it and documenting it need to know. */
export type Setting<Value> = {
  /** The environment variable. */
  readonly name: string
  /** One line for people: what it is, its unit, and why it is as it is. */
  readonly description: string
  /** What holds when the variable is absent or empty, as it would be written. */
  readonly default: string | ((context: SettingContext) => string)
  /** How help words a default that depends on something, or that is nothing. */
  readonly defaultInWords?: string
  /** Whether such a value has a password in it, so that the file it stands in must be its owner's alone. */
  readonly holdsSecret?: (value: Value) => boolean
  /** Only for a secret: it is never shown, may not be empty, and may come from a file. */
  readonly secret?: SecretSource
  read(text: string, context: SettingContext): Reading<Value>
  /** The opposite of `read`: how the value would be written. */
  write(value: Value): string
}

/** The sister variable that names a file holding the secret. */
export type SecretSource = { readonly fileName: string; readonly fileDescription: string }

/** What a setting may look at besides its own text. */
export type SettingContext = {
  /** What relative paths are relative to. */
  readonly directory: string
  /** Every contract that can be served. */
  readonly contractNames: readonly string[]
  /** The settings read before this one, as far as they were sound. */
  readonly known: Partial<Config>
}

/** A value, or what is wrong with the text: each problem continues a sentence that begins with the variable's name. */
export type Reading<Value> = { readonly value: Value } | { readonly problems: readonly string[] }
