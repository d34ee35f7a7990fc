import { isExactly, isNumber, isObject, isText, isTexts, shape } from './check.ts'

/** What is wrong, sorted for a form: beside its fields, and above it. */
export type Sentences = {
  readonly fields: Readonly<Record<string, readonly string[]>>
  readonly form: readonly string[]
}

/** How a contract writes its errors. */
export type Voice<Body> = {
  isBody(json: unknown): json is Body
  sort(body: Body): Sentences
}

/** Django REST Framework's errors: a list of sentences for each field, or one `detail`. */
export type DrfErrorBody<Field extends string> = {
  readonly [Name in Field | 'non_field_errors']?: readonly string[]
} & {
  readonly detail?: string
  /** Only with `LATCHKEY_SIMPLEJWT_CODES=true`. */
  readonly code?: string
}

/** express-validator's errors as `mapped()` writes them; `main` is for what belongs to no field. */
export type ExpressErrorBody<Field extends string> = {
  readonly status: 'fail'
  readonly errors: { readonly [Name in Field | 'main']?: ExpressError }
}

export type ExpressError = {
  readonly msg: string
  readonly value?: unknown
  readonly param?: string
  readonly location?: string
}

/** A problem document (RFC 9457), as `/v1` writes them. */
export type ProblemBody = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** Never changes its meaning: what programs should look at. */
  readonly code: string
  readonly errors?: readonly ProblemField[]
}

export type ProblemField = { readonly field: string; readonly code: string; readonly detail: string }

const isExpressError = shape({ msg: isText })
const isExpressErrors = shape({ status: isExactly('fail'), errors: isObject })
const isProblem = shape({ type: isText, title: isText, status: isNumber, detail: isText, code: isText })
const isProblemField = shape({ field: isText, code: isText, detail: isText })

/** The voice of the contracts that came from Django REST Framework. */
export function drfVoice<Field extends string>(): Voice<DrfErrorBody<Field>> {
  return {
    isBody: (json): json is DrfErrorBody<Field> =>
      isObject(json) &&
      Object.entries(json).every(([name, value]) => isText(value) || isTexts(value) || name === 'messages'),
    sort(body) {
      const { detail, code: _code, non_field_errors: form, ...rest }: Readonly<Record<string, unknown>> = body
      const lists = Object.entries(rest).filter((entry): entry is [string, readonly string[]] => isTexts(entry[1]))
      return {
        fields: Object.fromEntries(lists),
        form: [...(isTexts(form) ? form : []), ...(isText(detail) ? [detail] : [])],
      }
    },
  }
}

/** The voice of the contract that came from express-validator. */
export function expressVoice<Field extends string>(): Voice<ExpressErrorBody<Field>> {
  return {
    isBody: (json): json is ExpressErrorBody<Field> =>
      isExpressErrors(json) && Object.values(json.errors).every(isExpressError),
    sort({ errors }) {
      const entries = Object.entries(errors).flatMap(([name, error]) =>
        isExpressError(error) ? [{ name, sentences: [error.msg] }] : [],
      )
      return {
        fields: Object.fromEntries(
          entries.flatMap(({ name, sentences }) => (name === 'main' ? [] : [[name, sentences]])),
        ),
        form: entries.flatMap(({ name, sentences }) => (name === 'main' ? sentences : [])),
      }
    },
  }
}

/** The voice of `/v1`. */
export const problemVoice: Voice<ProblemBody> = {
  isBody: (json): json is ProblemBody =>
    isProblem(json) &&
    (!('errors' in json) || (Array.isArray(json.errors) && json.errors.every((error) => isProblemField(error)))),
  sort({ detail, errors = [] }) {
    const names = [...new Set(errors.map(({ field }) => field))]
    const sentences = names.map((name) => [
      name,
      errors.filter(({ field }) => field === name).map((error) => error.detail),
    ])
    return { fields: Object.fromEntries(sentences), form: errors.length === 0 ? [detail] : [] }
  },
}
