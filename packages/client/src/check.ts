/** Tells whether a value is of a type. What comes over the wire or out of a storage may be anything. */
export type Check<Type> = (value: unknown) => value is Type

type Fields = Readonly<Record<string, Check<unknown>>>

type Shape<Checks extends Fields> = {
  readonly [Name in keyof Checks]: Checks[Name] extends Check<infer Type> ? Type : never
}

/** Whether this is an object with members, and no list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

export function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText)
}

/** Whether this is one value and no other. */
export function isExactly<const Value extends string>(expected: Value): Check<Value> {
  return (value): value is Value => value === expected
}

/** An object with these members at least. */
export function shape<Checks extends Fields>(checks: Checks): Check<Shape<Checks>> {
  return (value): value is Shape<Checks> =>
    isObject(value) && Object.entries(checks).every(([name, check]) => check(value[name]))
}
