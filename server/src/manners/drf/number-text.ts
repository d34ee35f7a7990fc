/**
 * A JSON number as Python's `str()` writes it, which is what DRF's text fields make of one: integers keep every digit,
 * anything with a point or an exponent is a float (`1234567.0`, `1e+16`, `1e-05`, `inf`).
 */
export function pythonNumberText(source: string): string {
  if (/^-?\d+$/.test(source)) return source === '-0' ? '0' : source
  const value = Number(source)
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf'
  if (Object.is(value, -0)) return '-0.0'
  return pythonFloatText(value)
}

/** Both languages write the shortest digits that read back the same; they differ in when an exponent is used. */
function pythonFloatText(value: number): string {
  const [digits = '', exponentText = '0'] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  if (value === 0 || (exponent >= -4 && exponent < 16)) {
    const plain = exponent < 0 ? value.toFixed(countDecimals(digits) - exponent) : String(value)
    return plain.includes('.') ? plain : `${plain}.0`
  }
  const sign = exponent < 0 ? '-' : '+'
  return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
}

function countDecimals(digits: string): number {
  return digits.split('.')[1]?.length ?? 0
}
