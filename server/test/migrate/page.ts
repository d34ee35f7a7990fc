import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { meetNeed, NEEDS } from '../kit/needs.ts'

const ROOT = new URL('../../../', import.meta.url)
const BIN = fileURLToPath(new URL('server/bin/latchkey.js', ROOT))
/** Where the pages say that Latchkey listens, and where everybody comes to. */
export const PAGE_URL = 'http://127.0.0.1:8000'
const SITE_URL = 'https://shop.example.com'

/** A page of the guide, of which every block is used once, in its order. */
export type Page = {
  /** The next block of this language: a file to write, or a piece of one. */
  take(language: string): string
  /**
   * Runs the next block of commands as it stands there, which must have these words in it, and holds what comes out
   * against what the page shows.
   *
   * @param places what the page calls by one name, and what it is here.
   */
  run(words: string, places?: Readonly<Record<string, string>>): Promise<void>
  /** What is run from now on finds the site at this URL instead of where the page says. */
  visitAt(url: string): void
  /** Fails where a block was left out: whatever the page says, the test has done. */
  end(): void
}

type Block = { readonly language: string; readonly text: string; readonly shown: string | null }

/**
 * Opens a page for somebody who sits in a directory.
 *
 * @param programs what the commands are called by and what runs in their place, besides `latchkey`.
 */
export function openPage(
  path: string,
  {
    directory,
    env,
    programs,
  }: {
    directory: string
    env: Readonly<Record<string, string>>
    programs: Readonly<Record<string, readonly string[]>>
  },
): Page {
  meetNeed(NEEDS.curl)
  const blocks = readBlocks(path)
  const bin = writePrograms(directory, { latchkey: [process.execPath, BIN], ...programs })
  const site = { url: SITE_URL }
  const next = (isIt: (block: Block) => boolean, what: string): Block => {
    const index = blocks.findIndex(isIt)
    const [block] = index === -1 ? [] : blocks.splice(index, 1)
    assert.ok(block !== undefined, `${path} has no ${what} any more`)
    return block
  }
  return {
    take: (language) => next((block) => block.language === language, `block of ${language}`).text,
    async run(words, places = {}) {
      const { text, shown } = next(({ language }) => language === 'sh', 'command')
      assert.ok(text.includes(words), `${path}: the next command is ${text}, not ${words}`)
      const { PATH = '' } = process.env
      const all = Object.entries({ [SITE_URL]: site.url, ...places })
      const script = all.reduce((script, [there, here]) => script.replaceAll(there, here), text)
      // One place for both, as on a terminal.
      const { stdout } = await promisify(execFile)('sh', ['-euc', `exec 2>&1\n${script}`], {
        cwd: directory,
        env: { HOME: directory, LOG_LEVEL: 'silent', ...env, PATH: `${bin}${delimiter}${PATH}` },
      }).catch((error: { stdout?: string }) => assert.fail(`${path}: ${script}\n${error.stdout}`))
      if (shown !== null) assert.equal(mask(stdout), mask(shown), `${path}: ${text}`)
    },
    visitAt: (url) => {
      site.url = url
    },
    end: () => assert.deepEqual(blocks, [], `${path} has more than was tried`),
  }
}

/** The first block of this language on a page that another page sends its reader to. */
export function readBlock(path: string, language: string): string {
  const block = readBlocks(path).find((block) => block.language === language)
  assert.ok(block !== undefined, `${path} has no block of ${language}`)
  return block.text
}

/** A block of text that follows one of commands is what they show. */
function readBlocks(path: string): Block[] {
  const page = readFileSync(new URL(path, ROOT), 'utf8')
  const blocks = page.matchAll(/^```(\w+)\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)```)?/gm)
  return [...blocks].map(([, language = '', text = '', shown]) => ({ language, text, shown: shown ?? null }))
}

/** What differs from one run to the next. */
function mask(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/\b[\d.,]+ ?(ms|s|seconds?|minutes?)\b/g, '<duration>')
    .replaceAll(/\b[\d,]+ (rows|accounts) a second\b/g, '<speed>')
    .trim()
}

function writePrograms(directory: string, programs: Readonly<Record<string, readonly string[]>>): string {
  const bin = join(directory, 'bin')
  mkdirSync(bin)
  for (const [name, command] of Object.entries(programs)) {
    const file = join(bin, name)
    writeFileSync(file, `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`)
    chmodSync(file, 0o755)
  }
  return bin
}
