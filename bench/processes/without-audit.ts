import { registerHooks } from 'node:module'

/** What stands in for the journal: the audit log takes everything and keeps nothing. */
const NO_JOURNAL = `export function createJournal() {
  return { record() {}, async flush() {}, async close() {} }
}`

/** Imported before the server (`--import`), so that one can be measured that has no audit log; the product has no such switch. */
registerHooks({
  load(url, context, next) {
    if (!url.endsWith('/server/src/audit/journal.ts')) return next(url, context)
    return { format: 'module', source: NO_JOURNAL, shortCircuit: true }
  },
})
