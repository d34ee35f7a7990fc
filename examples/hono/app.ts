import { createVerifier } from '@latchkey/verify'
import { type AuthEnv, requireAuth } from '@latchkey/verify/hono'
import { Hono } from 'hono'

const { LATCHKEY_URL = 'http://localhost:8000', CLIENT_ID = '', CLIENT_SECRET = '' } = process.env

const verifier = createVerifier({
  issuer: LATCHKEY_URL,
  introspection: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET },
})

export const app = new Hono<AuthEnv>()

app.get('/public', (context) => context.json({ hello: 'everybody' }))

app.get('/me', requireAuth(verifier), (context) => context.json({ subject: context.get('auth').subject }))

app.get('/staff', requireAuth(verifier, { requireStaff: true }), (context) =>
  context.json({ subject: context.get('auth').subject }),
)
