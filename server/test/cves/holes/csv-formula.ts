import assert from 'node:assert/strict'
import { writeCsvLine } from '../../../src/cli/write-csv.ts'
import { LOCAL } from '../../kit/clients.ts'
import { defended, type Hole } from '../hole.ts'
import { onApp, signUp, VICTIM } from '../scene.ts'

const AGENTS = ['=HYPERLINK("https://evil.example")', "+1+cmd|' /C calc'!A0", '@SUM(1)', '-1', '\t=1', '＝1', '"\r\n=1']

export const csvFormula: Hole = {
  name: 'Formulas in exported tables (CSV injection)',
  happened:
    'What strangers can write, such as their user agent, came into a table that an operator opened, and the spreadsheet ran it.',
  stands:
    '`latchkey audit export` puts an apostrophe before whatever a spreadsheet would take for a formula, and quotes every cell.',
  guards: [{ file: 'cli/write-csv.ts', find: 'BEGINS_FORMULA.test(text) ? ', replace: "text === '=never' ? " }],
  attack: () =>
    onApp(async (test) => {
      await signUp(test)
      for (const userAgent of AGENTS) {
        const login = { identifier: VICTIM.email, password: 'A-wrong-guess', client: { ...LOCAL, userAgent } }
        await assert.rejects(test.core.authenticate(login))
      }
      await test.flushAudit()
      const entries = await test.core.administration.listAudit({ after: 0, limit: 100 })
      const agents = entries.flatMap(({ userAgent }) => userAgent ?? [])
      assert.ok(
        AGENTS.every((agent) => agents.includes(agent)),
        JSON.stringify(agents),
      )
      for (const agent of agents) {
        const line = writeCsvLine([agent])
        defended(!/^"?[\s"]*[=+\-@＝]/u.test(line), `a spreadsheet runs ${line}`)
        defended(line.trimEnd().split(/\r\n|\n|\r/).length === 1, 'a cell makes a row of its own')
      }
    }),
}
