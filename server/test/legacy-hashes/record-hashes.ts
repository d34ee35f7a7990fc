/** Records what the real libraries make at their usual costs: `node server/test/legacy-hashes/record-hashes.ts`. */
import { writeFileSync } from 'node:fs'
import { makeHashes } from './make-hashes.ts'

const OTHERS = ['пароль密码🔐 long', 'a'.repeat(100), ' white space around \t', 'e\u0301 as two code points', '']

// Once as each library does by itself: to check all of them so would take too long.
const made = [...(await makeHashes(['Passw0rd!x'], 'usual')), ...(await makeHashes(OTHERS, 'low'))]
writeFileSync(new URL('recorded.json', import.meta.url), `${JSON.stringify(made, null, 2)}\n`)
