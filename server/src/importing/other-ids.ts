import type { Row } from './source.ts'

/** What an operator should know where accounts are called by another column than their primary key. */
export const OTHER_IDS =
  'The ids are not the primary keys, by which tables of tokens name their accounts: keys of authtoken and of knox are left behind, and tokens of SimpleJWT belong to whom they name themselves.'

/** A token without the primary key of its account: as an id it could be another account's. */
export function withoutOwner(row: Row): Row {
  return { ...row, fields: { ...row.fields, user: null } }
}
