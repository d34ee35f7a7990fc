import { UsageError } from './refusals.ts'

/**
 * Reads `email=mail,password=hash`: fields and the columns that hold them.
 *
 * @throws {UsageError} when it is written otherwise.
 */
export function readMap(text: string | undefined): Readonly<Record<string, string>> {
  const pairs = (text ?? '').split(',').flatMap((pair): [string, string][] => {
    if (pair.trim() === '') return []
    const [field = '', ...rest] = pair.split('=')
    const column = rest.join('=').trim()
    if (field.trim() === '' || column === '') {
      throw new UsageError('--map takes fields and their columns, such as email=mail,password=hash.')
    }
    return [[field.trim(), column]]
  })
  const twice = pairs.find(([field], index) => pairs.findIndex(([other]) => other === field) !== index)
  if (twice !== undefined) throw new UsageError(`--map names the field ${twice[0]} twice.`)
  return Object.fromEntries(pairs)
}
