import type { Config } from './config.ts'
import { readLink, readMailFrom, readMailUrl } from './read-mail.ts'
import type { Setting } from './setting.ts'

type MailSettingKey = 'mailUrl' | 'mailFrom' | 'resetUrl' | 'verifyUrl'

/** The settings of letters. */
export const MAIL_SETTINGS: { readonly [Key in MailSettingKey]: Setting<Config[Key]> } = {
  mailUrl: {
    name: 'LATCHKEY_MAIL_URL',
    description: 'Where letters go: smtp://user:password@host:587, smtps://…, or file:./folder to try things out.',
    default: '',
    defaultInWords: 'none: no letters, and no routes that need them',
    secret: {
      fileName: 'LATCHKEY_MAIL_URL_FILE',
      fileDescription:
        'A file holding that address, readable by its owner only, or root’s and readable by a group. Instead of LATCHKEY_MAIL_URL.',
    },
    read: readMailUrl,
    write: (value) => (value === null ? '' : '********'),
  },
  mailFrom: {
    name: 'LATCHKEY_MAIL_FROM',
    description: 'Who letters are from, such as Example <no-reply@example.com>.',
    default: '',
    defaultInWords: 'none',
    read: readMailFrom,
    write: (value) => value ?? '',
  },
  resetUrl: {
    name: 'LATCHKEY_RESET_URL',
    description: 'The page of your front end where a password is reset; {uid} and {token} are filled in.',
    default: '',
    defaultInWords: 'none',
    read: (text) => readLink(text, ['{uid}', '{token}']),
    write: (value) => value ?? '',
  },
  verifyUrl: {
    name: 'LATCHKEY_VERIFY_URL',
    description: 'The page of your front end where an address is confirmed; {key} is filled in.',
    default: '',
    defaultInWords: 'none',
    read: (text) => readLink(text, ['{key}']),
    write: (value) => value ?? '',
  },
}
