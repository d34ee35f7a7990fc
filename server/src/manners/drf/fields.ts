import type { Problem, ProblemRule } from '../../core/errors.ts'
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../../core/password-rules.ts'
import { countCodePoints, findLoneSurrogate, stripOuterSpace } from '../../core/text.ts'
import { JsonNumber } from '../../http/json.ts'
import type { Body } from './body.ts'
import { isDjangoEmail } from './email.ts'
import { pythonNumberText } from './number-text.ts'

/** How one field of a serializer reads what was sent, and what OPTIONS says of it. */
export type Field<Value> = {
  readonly isRequired: boolean
  /** What an optional field is when it was not sent. */
  readonly absent: Value | undefined
  /** Reads what was sent; problems come in the order of DRF's validators. */
  readonly read: (raw: unknown) => Reading<Value>
  /** Whether an empty text in a form counts as not sent, as it does for all but text fields. */
  readonly isAbsentWhenBlank: boolean
  readonly metadata: Readonly<Record<string, string | number>>
}

type Flaw = Omit<Problem, 'field'>
type Reading<Value> = { readonly value: Value } | { readonly flaws: readonly Flaw[] }
type Validator = (text: string) => Flaw | null

/** Options of a text field. Lengths are in code points. */
export type TextOptions = {
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly isRequired?: boolean
  readonly mayBeBlank?: boolean
  /** Rules that the app itself adds: DRF judges them before the lengths. */
  readonly rules?: readonly Validator[]
}

/** DRF's `CharField`: strips outer white space and takes numbers for their text. */
export function textField(options: TextOptions = {}): Field<string> {
  return charField('string', 'not_text', options, [])
}

/** DRF's `EmailField` of at most 254 characters. */
export function emailField(): Field<string> {
  const isEmail: Validator = (text) => (isDjangoEmail(text) ? null : { rule: 'invalid_email' })
  return charField('email', 'invalid_email', { max: 254 }, [isEmail])
}

/**
 * A password to be set: 8 to 1024 characters, stripped as the stack does. An app's own `rules` (`validate_password`) are
 * judged only when the field's are met, and the first that is broken is told.
 */
export function newPasswordField(rules: readonly Validator[] = []): Field<string> {
  const field = textField({ min: MIN_PASSWORD_LENGTH, max: MAX_PASSWORD_LENGTH })
  return {
    ...field,
    read(raw) {
      const reading = field.read(raw)
      if ('flaws' in reading) return reading
      const flaw = rules.map((judge) => judge(reading.value)).find((found) => found !== null)
      return flaw ? { flaws: [flaw] } : reading
    },
  }
}

/**
 * A password to be checked. It is judged by its stripped form, as the stack sees it, and handed on as it was typed:
 * core tries both.
 */
export function passwordField(options: TextOptions = {}): Field<string> {
  const judge = textField({ max: MAX_PASSWORD_LENGTH, ...options })
  return {
    ...judge,
    read(raw) {
      const reading = judge.read(raw)
      return 'value' in reading ? { value: toText(raw) ?? reading.value } : reading
    },
  }
}

const TRUE = new Set(['t', 'T', 'y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON', '1'])
const FALSE = new Set(['f', 'F', 'n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF', '0'])

/** Everything that a boolean field takes, in JSON. */
export const BOOLEAN_WORDS: readonly (boolean | number | string)[] = [true, false, 1, 0, ...TRUE, ...FALSE]

/** DRF's `BooleanField`, optional: its words, in exactly its letters. */
export function booleanField({ absent }: { absent: boolean }): Field<boolean> {
  return {
    isRequired: false,
    absent,
    isAbsentWhenBlank: true,
    read(raw) {
      if (raw === null) return { flaws: [{ rule: 'null' }] }
      // `1.0` and `-0` are the numbers one and zero; adding zero takes the sign from the latter.
      const word = raw instanceof JsonNumber ? String(Number(raw.source) + 0) : raw
      if (word === true || (typeof word === 'string' && TRUE.has(word))) return { value: true }
      if (word === false || (typeof word === 'string' && FALSE.has(word))) return { value: false }
      return { flaws: [{ rule: 'not_boolean' }] }
    },
    metadata: { type: 'boolean' },
  }
}

/** What a set of fields makes of a body: each value, or `undefined` where one of `problems` says why there is none. */
export type Form<Fields> = {
  readonly values: {
    readonly [Name in keyof Fields]: Fields[Name] extends Field<infer Value> ? Value | undefined : never
  }
  readonly problems: readonly Problem[]
}

/** Reads the named fields of a body, and nothing else of it. */
export function readFields<Fields extends Readonly<Record<string, Field<unknown>>>>(
  fields: Fields,
  body: Body,
): Form<Fields> {
  const problems: Problem[] = []
  const values: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) {
    const reading = readField(field, name, body)
    if ('value' in reading) values[name] = reading.value
    else problems.push(...reading.flaws.map((flaw) => ({ ...flaw, field: name })))
  }
  return { values: values as Form<Fields>['values'], problems }
}

function readField(field: Field<unknown>, name: string, body: Body): Reading<unknown> {
  const raw = body.fields.get(name)
  const isAbsent = !body.fields.has(name) || (body.isForm && raw === '' && field.isAbsentWhenBlank)
  if (!isAbsent) return field.read(raw)
  return field.isRequired ? { flaws: [{ rule: 'required' }] } : { value: field.absent }
}

function charField(
  type: string,
  wrongType: ProblemRule,
  { min, max, isRequired = true, mayBeBlank = false, rules = [] }: TextOptions,
  lastRules: readonly Validator[],
): Field<string> {
  const validators = [...rules, ...lengthRules({ min, max }), hasNoNull, hasNoLoneSurrogate, ...lastRules]
  return {
    isRequired,
    absent: undefined,
    isAbsentWhenBlank: false,
    read(raw) {
      if (raw === null) return { flaws: [{ rule: 'null' }] }
      const text = toText(raw)
      if (text === null) return { flaws: [{ rule: wrongType }] }
      const value = stripOuterSpace(text)
      if (value === '') return mayBeBlank ? { value } : { flaws: [{ rule: 'blank' }] }
      const flaws = validators.flatMap((validate) => validate(value) ?? [])
      return flaws.length === 0 ? { value } : { flaws }
    },
    metadata: {
      type,
      ...(min === undefined ? {} : { min_length: min }),
      ...(max === undefined ? {} : { max_length: max }),
    },
  }
}

/** A text or a number; `null` for anything else, which no text field takes. */
function toText(raw: unknown): string | null {
  if (typeof raw === 'string') return raw
  return raw instanceof JsonNumber ? pythonNumberText(raw.source) : null
}

function lengthRules({ min, max }: { min: number | undefined; max: number | undefined }): Validator[] {
  return [
    (text) => (max !== undefined && countCodePoints(text) > max ? { rule: 'too_long', limit: max } : null),
    (text) => (min !== undefined && countCodePoints(text) < min ? { rule: 'too_short', limit: min } : null),
  ]
}

const hasNoNull: Validator = (text) => (text.includes('\0') ? { rule: 'null_character' } : null)

const hasNoLoneSurrogate: Validator = (text) => {
  const codeUnit = findLoneSurrogate(text)
  return codeUnit === null ? null : { rule: 'lone_surrogate', codeUnit }
}
