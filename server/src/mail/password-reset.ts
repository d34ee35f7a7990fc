import type { Letter } from '../core/mail.ts'
import { fillLink, greet, type MailLinks, type Message } from './message.ts'

/** The letter with which a password is reset. */
export function writePasswordReset(letter: Letter, { resetUrl }: Pick<MailLinks, 'resetUrl'>): Message {
  return {
    subject: 'Reset your password',
    text: [
      greet(letter),
      '',
      'somebody, hopefully you, asked to reset the password of your account. To choose a new one, open',
      '',
      `  ${fillLink(resetUrl, { uid: letter.uid, token: letter.token })}`,
      '',
      'The link is good once and for an hour. If you did not ask for it, there is nothing to do: your password stays',
      'as it is.',
      '',
    ].join('\n'),
  }
}
