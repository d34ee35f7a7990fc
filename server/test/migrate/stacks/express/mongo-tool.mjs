// Stands in for two of MongoDB's tools, which Debian does not have: what they do to a collection, done to USERS_FILE.
//   export … --out FILE      the collection, as mongoexport writes it
//   import … --file FILE     lines merged into it by their email, as mongoimport does with --mode merge --upsertFields email

import { randomBytes } from 'node:crypto'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const { USERS_FILE = '' } = process.env
const [tool = '', ...args] = process.argv.slice(2)
const text = { type: 'string' }
const { values } = parseArgs({
  args,
  options: { uri: text, collection: text, out: text, file: text, mode: text, upsertFields: text },
})

const lines = (file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

if (tool === 'export') copyFileSync(USERS_FILE, values.out)
else if (tool === 'import' && values.mode === 'merge' && values.upsertFields === 'email') {
  const users = lines(USERS_FILE)
  for (const line of lines(values.file)) {
    const user = users.find(({ email }) => email === line.email)
    if (user === undefined) users.push({ _id: { $oid: randomBytes(12).toString('hex') }, ...line })
    else Object.assign(user, line)
  }
  writeFileSync(USERS_FILE, users.map((user) => `${JSON.stringify(user)}\n`).join(''))
} else process.exit(1)
