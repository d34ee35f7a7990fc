import { isObject, type JsonObject, own } from './read-object.ts'

/** Takes MongoDB's extended JSON (v1 and v2) for what it means: ids as their digits, times as text, numbers as numbers. */
export function readExtended(value: unknown): unknown {
  if (!isObject(value)) return value
  const names = Object.keys(value)
  const [name] = names
  if (name === undefined || !name.startsWith('$') || names.length > 2) return value
  const inner = own(value, name)
  switch (name) {
    case '$oid':
    case '$uuid':
    case '$symbol':
      return inner
    case '$date':
      return readDate(inner)
    case '$numberLong':
    case '$numberInt':
    case '$numberDouble':
    case '$numberDecimal':
      return readNumber(inner)
    case '$binary':
      return readBinary(value)
    case '$undefined':
      return null
    default:
      return value
  }
}

function readDate(inner: unknown): unknown {
  const milliseconds = isObject(inner) ? readExtended(inner) : inner
  if (typeof milliseconds !== 'number') return milliseconds
  return Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : milliseconds
}

/** A number that JavaScript cannot hold stays text. */
function readNumber(inner: unknown): unknown {
  if (typeof inner !== 'string' || inner.trim() === '') return inner
  const number = Number(inner)
  return Number.isNaN(number) || (Number.isInteger(number) && !Number.isSafeInteger(number)) ? inner : number
}

/** Of binary data only UUIDs mean anything here. */
function readBinary(value: JsonObject): unknown {
  const inner = own(value, '$binary')
  const base64 = isObject(inner) ? own(inner, 'base64') : inner
  const type = isObject(inner) ? own(inner, 'subType') : own(value, '$type')
  if (typeof base64 !== 'string' || (type !== '04' && type !== '4')) return value
  const hex = Buffer.from(base64, 'base64').toString('hex')
  return hex.length === 32 ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : value
}
