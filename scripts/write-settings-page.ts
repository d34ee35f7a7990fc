import { readFileSync, writeFileSync } from 'node:fs'
import { listSettings } from '../server/src/config/list-settings.ts'

const PAGE = new URL('../docs/settings.md', import.meta.url)

/** The page of all settings, from the one table that also loads them. */
export function writeSettingsPage(): string {
  const rows = listSettings().map(
    ({ name, default: value, description }) => `| \`${name}\` | ${inCell(value)} | ${inCell(description)} |`,
  )
  return [
    '# Settings',
    '',
    '<!-- Made from server/src/config/settings.ts by `node scripts/write-settings-page.ts`; `npm run check` compares. -->',
    '',
    'From the environment, or from a `.env` file in the working directory; the environment wins. All problems are told at',
    'once, an unknown `LATCHKEY_` name is one of them, and no secret is ever printed. `latchkey config` shows what is in',
    'force and where it came from.',
    '',
    '| Setting | Default | What it does |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|')
}

if (import.meta.main) {
  const page = writeSettingsPage()
  if (!process.argv.includes('--check')) writeFileSync(PAGE, page)
  else if (readFileSync(PAGE, 'utf8') === page) process.stdout.write('docs/settings.md is what the settings say\n')
  else {
    process.stderr.write('docs/settings.md is out of date: run node scripts/write-settings-page.ts\n')
    process.exitCode = 1
  }
}
