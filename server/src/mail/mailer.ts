import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTransport } from 'nodemailer'
import type { Letter } from '../core/mail.ts'
import type { Mailer } from '../core/ports.ts'
import { writeEmailVerification } from './email-verification.ts'
import type { MailLinks, Message } from './message.ts'
import { writePasswordReset } from './password-reset.ts'

/** How long a mail server may take to answer, in milliseconds. */
const TIMEOUT = 10_000

/**
 * Sends letters by SMTP (`smtp://` with STARTTLS, without which only a server on this machine is given anything; `smtps://` with TLS from the start), or, for
 * trying things out, writes each into a folder (`file:///…`) as it would have been sent.
 */
export function createMailer(url: string, { from, ...links }: MailLinks & { from: string }): Mailer {
  const deliver = url.startsWith('file:') ? intoFolder(fileURLToPath(url)) : bySmtp(url)
  return {
    send: (letter) => deliver({ from, to: letter.to, ...write(letter, links) }),
  }
}

type Envelope = Message & { readonly from: string; readonly to: string }

function write(letter: Letter, links: MailLinks): Message {
  switch (letter.purpose) {
    case 'password_reset':
      return writePasswordReset(letter, links)
    case 'email_verification':
      return writeEmailVerification(letter, links)
  }
}

function bySmtp(url: string): (envelope: Envelope) => Promise<void> {
  const transport = createTransport({
    url,
    // A server that offers no TLS, or from whose offer somebody took it, gets no letter: there is a token in it.
    requireTLS: !isLoopback(url),
    connectionTimeout: TIMEOUT,
    greetingTimeout: TIMEOUT,
    socketTimeout: TIMEOUT,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return async (envelope) => {
    await transport.sendMail(addressed(envelope))
  }
}

function isLoopback(url: string): boolean {
  return /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(new URL(url).hostname)
}

function intoFolder(folder: string): (envelope: Envelope) => Promise<void> {
  const transport = createTransport({ streamTransport: true, buffer: true })
  let count = 0
  return async (envelope) => {
    const { message } = await transport.sendMail(addressed(envelope))
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const file = join(folder, `${Date.now()}-${process.pid}-${count++}.eml`)
    await writeFile(`${file}.part`, message.toString(), { mode: 0o600 })
    await rename(`${file}.part`, file)
  }
}

/** The address goes as an object, so that nothing in it is read as a list of addresses. */
function addressed({ to, ...envelope }: Envelope) {
  return { ...envelope, to: { name: '', address: to } }
}
