import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Letter } from '../core/mail.ts'
import { createMailer } from './mailer.ts'

const SENDER = {
  from: 'Example <no-reply@example.com>',
  resetUrl: 'https://app.example.com/reset/{uid}/{token}',
  verifyUrl: 'https://app.example.com/verify?key={key}',
}
const RESET: Letter = { purpose: 'password_reset', to: 'ada@example.com', name: 'Ada', uid: '2s', token: 'aB-_9' }

describe('a mailer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-mail-'))
  after(() => rmSync(folder, { recursive: true }))

  it('sends a reset by SMTP to the stored address, with the filled link', async () => {
    const server = await listenForMail()
    await createMailer(server.url, SENDER).send(RESET)
    const [letter = ''] = server.letters
    assert.match(letter, /^RCPT TO:<ada@example\.com>/m)
    assert.match(letter, /^From: Example <no-reply@example\.com>/m)
    assert.match(unfold(letter), /https:\/\/app\.example\.com\/reset\/2s\/aB-_9\n/)
    await server.close()
  })

  it('rejects when the server takes no mail, so that the letter is tried again', async () => {
    const server = await listenForMail({ refuses: true })
    await assert.rejects(createMailer(server.url, SENDER).send(RESET))
    await server.close()
    await assert.rejects(createMailer(server.url, SENDER).send(RESET), 'nobody listens')
  })

  it('writes whole letters into a folder that is its owner’s alone', async () => {
    const target = join(folder, 'letters')
    const letter: Letter = { ...RESET, purpose: 'email_verification' }
    await createMailer(pathToFileURL(target).href, SENDER).send(letter)
    const [name = '', ...others] = readdirSync(target)
    assert.deepEqual(others, [])
    assert.equal(statSync(target).mode & 0o777, 0o700)
    assert.equal(statSync(join(target, name)).mode & 0o777, 0o600)
    assert.match(unfold(readFileSync(join(target, name), 'utf8')), /https:\/\/app\.example\.com\/verify\?key=aB-_9\n/)
  })

  it('lets neither a name nor an address bring headers of its own', async () => {
    const server = await listenForMail()
    const mailer = createMailer(server.url, SENDER)
    await mailer.send({ ...RESET, name: 'Ada\r\nBcc: all@example.com\r\n\r\nHi' })
    await mailer.send({ ...RESET, to: '"a, b@evil.example"@example.com' })
    assert.equal(server.letters.length, 2)
    for (const letter of server.letters) {
      assert.doesNotMatch(letter, /^Bcc:/im)
      assert.equal(letter.match(/^RCPT TO:/gm)?.length, 1)
      assert.doesNotMatch(letter, /^RCPT TO:<b@evil\.example>/m)
    }
    await server.close()
  })
})

/** Quoted-printable folds long lines and writes `=` as `=3D`. */
function unfold(letter: string): string {
  return letter.replaceAll('=\r\n', '').replaceAll('=3D', '=').replaceAll('\r\n', '\n')
}

type MailServer = { readonly url: string; readonly letters: readonly string[]; close(): Promise<void> }

/** A mail server (RFC 5321) that knows just enough to be given letters. */
async function listenForMail({ refuses = false } = {}): Promise<MailServer> {
  const letters: string[] = []
  const server: Server = createServer((socket) => {
    let isInData = false
    let letter = ''
    socket.write('220 test\r\n')
    socket.on('data', (chunk) => {
      letter += chunk
      if (isInData) {
        if (!letter.endsWith('\r\n.\r\n')) return
        isInData = false
        letters.push(letter)
        letter = ''
        socket.write('250 taken\r\n')
        return
      }
      const line = String(chunk).slice(0, 4).toUpperCase()
      isInData = line === 'DATA'
      if (line === 'QUIT') socket.end('221 bye\r\n')
      else if (line === 'RCPT' && refuses) socket.write('550 no such box\r\n')
      else socket.write(isInData ? '354 go on\r\n' : '250 ok\r\n')
    })
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `smtp://127.0.0.1:${port}`,
    letters,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
