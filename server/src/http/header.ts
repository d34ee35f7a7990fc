import type { WireRequest } from './contract.ts'

/** The value of a header, or `undefined`. Of a repeated one, the first. */
export function header(request: Pick<WireRequest, 'headers'>, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' ? value : value?.[0]
}
