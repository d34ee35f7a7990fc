const IDS = { account: '6f1c8a52-3c4e-4b57-9a1d-2f0e5b7c9d31', session: '0d9f7f0a-5d0b-4f65-8f0e-6d1c1b5e7a44' }

const ACCOUNT = {
  id: 42,
  subject: IDS.account,
  email: 'ada@example.com',
  email_verified: false,
  username: 'ada',
  name: 'Ada Lovelace',
  first_name: 'Ada',
  last_name: 'Lovelace',
  phone_number: '',
  is_active: true,
  is_staff: false,
  created_at: '2026-11-21T09:30:00.000Z',
}

const SESSION = {
  id: IDS.session,
  kind: 'pair',
  contract: 'v1',
  created_at: '2026-11-21T09:31:00.000Z',
  expires_at: '2026-12-05T09:31:00.000Z',
}

const ACCESS = { access_token: '{{access}}', token_type: 'Bearer', expires_in: 300 }

const PROBLEM = { type: 'about:blank', title: 'Bad Request', status: 400 }

/** What goes over the wire when Ada signs up, logs in, refreshes her token and asks who she is. */
export const EXAMPLES = {
  newAccount: { email: 'ada@example.com', username: 'ada', password: 'correct horse battery', name: 'Ada Lovelace' },
  account: { account: ACCOUNT },
  newSession: { identifier: 'ada@example.com', password: 'correct horse battery' },
  tokens: {
    ...ACCESS,
    refresh_token: '{{refresh}}',
    refresh_expires_in: 1_209_600,
    session: SESSION,
    account: ACCOUNT,
  },
  refresh: { refresh_token: '{{refresh}}' },
  access: ACCESS,
  session: { account: ACCOUNT, session: SESSION },
  refusedForm: {
    ...PROBLEM,
    detail: 'Some fields are not right; `errors` says which.',
    code: 'invalid_input',
    errors: [
      { field: 'password', code: 'too_short', detail: 'This has to have at least 8 characters.' },
      { field: 'nme', code: 'unknown', detail: 'There is no such member.' },
    ],
  },
  wrongCredentials: {
    ...PROBLEM,
    detail: 'No active account has this name and password.',
    code: 'invalid_credentials',
  },
}
