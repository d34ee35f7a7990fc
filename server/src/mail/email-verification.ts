import type { Letter } from '../core/mail.ts'
import { fillLink, greet, type MailLinks, type Message } from './message.ts'

/** The letter with which an address is proved. */
export function writeEmailVerification(letter: Letter, { verifyUrl }: Pick<MailLinks, 'verifyUrl'>): Message {
  return {
    subject: 'Confirm your e-mail address',
    text: [
      greet(letter),
      '',
      'an account was made with this address. To confirm that it is yours, open',
      '',
      `  ${fillLink(verifyUrl, { key: letter.token })}`,
      '',
      'The link is good once and for a day. If you did not make the account, do not open it: somebody else would have',
      'an account in your name. Ask for a password reset instead, and the account is yours.',
      '',
    ].join('\n'),
  }
}
